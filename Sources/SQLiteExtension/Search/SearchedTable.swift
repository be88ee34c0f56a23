import CSQLite
import Diagnostics
import Functions

/// The table that ai_search's first argument means on a connection now.
struct SearchedTable {
  /// The schema's name: main, temp, or that of an attached database.
  let schema: String
  let name: String
  /// Whether the database may be detached, and another one be attached under its name.
  let isAttached: Bool
  private let connection: OpaquePointer

  /// Finds the table as a SELECT finds it.
  ///
  /// - Throws: where there is no such table; what SQLite says about a database that it can't read.
  init(_ request: SearchRequest, on connection: OpaquePointer) throws(SibylError) {
    let name = TableName(request.table)
    // Position 0 is main, 1 is temp, which comes first.
    var schemas: [(position: Int64, name: String)] = []
    let list = try SQLStatement("PRAGMA database_list", on: connection)
    try list.forEachRow(on: connection) { row in
      guard let text = csqlite_column_text(row, 1) else { return }
      schemas.append((csqlite_column_int64(row, 0), String(cString: text)))
    }
    schemas.sort { ($0.position == 1 ? -1 : $0.position) < ($1.position == 1 ? -1 : $1.position) }
    if let wanted = name.schema?.foldedName {
      schemas = schemas.filter {
        $0.name.foldedName == wanted || $0.position == 0 && wanted == "main".foldedName
      }
      // The database of temporary tables is made with the first one.
      guard !schemas.isEmpty || wanted == "temp".foldedName else {
        throw request.argumentError(
          .table,
          "names no database of this connection: there is no \"\(name.schema ?? "")\"; see PRAGMA database_list"
        )
      }
    }
    for schema in schemas {
      let columns = try SQLStatement(
        "PRAGMA \(schema.name.quotedAsName).table_info(\(name.table.quotedAsName))", on: connection)
      var isThere = false
      try columns.forEachRow(on: connection) { _ in isThere = true }
      guard isThere else { continue }
      self.schema = schema.name
      self.name = name.table
      isAttached = schema.position > 1
      self.connection = connection
      return
    }
    throw request.argumentError(
      .table, "must name a table; there is no \"\(name.table)\"" + (name.schema.map { " in \($0)" } ?? ""))
  }

  /// A statement that gives the rowid and the searched column of every row, in the order of the rowids.
  ///
  /// - Throws: where the table has no rowids or no such column.
  func rows(_ request: SearchRequest) throws(SibylError) -> SQLStatement {
    try checkKind(request)
    var columns: [String] = []
    let list = try SQLStatement(
      "PRAGMA \(schema.quotedAsName).table_xinfo(\(name.quotedAsName))", on: connection)
    try list.forEachRow(on: connection) { row in
      if let text = csqlite_column_text(row, 1) { columns.append(String(cString: text)) }
    }
    let wanted = [request.column, TableName.unquoted(request.column)].map(\.foldedName)
    guard let column = wanted.lazy.compactMap({ name in columns.first { $0.foldedName == name } }).first
    else {
      throw request.argumentError(
        .column,
        "must name a column of \(name); there is no \"\(request.column)\", its columns are "
          + columns.joined(separator: ", "))
    }
    let taken = Set(columns.map(\.foldedName))
    guard let rowid = ["rowid", "_rowid_", "oid"].first(where: { !taken.contains($0.foldedName) }) else {
      throw request.argumentError(
        .table,
        "must name a table whose rowid can be asked for; \(name) has columns of all its names: rowid, _rowid_ and oid"
      )
    }
    do throws(SibylError) {
      return try SQLStatement(
        """
        SELECT t.\(rowid), t.\(column.quotedAsName) \
        FROM \(schema.quotedAsName).\(name.quotedAsName) AS t ORDER BY t.\(rowid)
        """, on: connection)
    } catch {
      guard error.message.contains("no such column: t.\(rowid)") else { throw error }
      throw request.argumentError(
        .table, "must name a table with rowids; \(name) was created WITHOUT ROWID")
    }
  }

  /// Only ordinary tables: a view has no rowids, and what a virtual table holds may change without a trace.
  private func checkKind(_ request: SearchRequest) throws(SibylError) {
    let catalogue = schema.foldedName == "temp".foldedName ? "sqlite_temp_master" : "sqlite_master"
    let find = try SQLStatement(
      "SELECT type, rootpage FROM \(schema.quotedAsName).\(catalogue) "
        + "WHERE name = ?1 COLLATE NOCASE AND type IN ('table', 'view')", on: connection)
    var name = self.name
    name.withUTF8 { bytes in
      _ = bytes.withMemoryRebound(to: CChar.self) {
        csqlite_bind_text(find.pointer, 1, $0.baseAddress, Int64($0.count))
      }
    }
    var kind = "a table-valued function or one of SQLite's own tables"
    var isOrdinary = false
    try find.forEachRow(on: connection) { row in
      guard let text = csqlite_column_text(row, 0) else { return }
      if String(cString: text) == "view" {
        kind = "a view; name the table behind it"
      } else if csqlite_column_int64(row, 1) == 0 {
        kind = "a virtual table; copy its rows into an ordinary one"
      } else {
        isOrdinary = true
      }
    }
    guard isOrdinary else {
      throw request.argumentError(.table, "must name an ordinary table; \(self.name) is \(kind)")
    }
  }
}

extension SQLStatement {
  /// Steps to the end.
  func forEachRow(on connection: OpaquePointer, _ body: (OpaquePointer) -> Void) throws(SibylError) {
    defer { csqlite_reset(pointer) }
    while true {
      let status = csqlite_step(pointer)
      guard status == SQLITE_ROW else {
        guard status == SQLITE_DONE else { throw Self.failure(of: connection, status) }
        return
      }
      body(pointer)
    }
  }
}
