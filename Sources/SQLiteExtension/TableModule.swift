import CSQLite
import Diagnostics
import Functions

/// SQLite's view of a table-valued function: the C callbacks of a virtual table module, and the C structures
/// that they hand around. Everything of substance is in `TableFunction` and `TableCursor`.
enum TableModule {
  /// A `sqlite3_vtab` with our object behind it; SQLite only looks at the first member.
  private struct Table {
    var base: sqlite3_vtab
    var function: Unmanaged<TableFunction>
  }

  private struct Cursor {
    var base: sqlite3_vtab_cursor
    var cursor: Unmanaged<TableCursor>
  }

  /// Never freed: SQLite keeps the pointer as long as any connection lives.
  nonisolated(unsafe) static let shared: UnsafePointer<sqlite3_module> = {
    let module = UnsafeMutablePointer<sqlite3_module>.allocate(capacity: 1)
    var methods = sqlite3_module()
    // No xCreate: the table exists under its own name only, and nobody can CREATE VIRTUAL TABLE with it.
    methods.xConnect = { connection, context, _, _, result, message in
      TableModule.connect(connection, context, result, message)
    }
    methods.xBestIndex = { table, info in TableModule.bestIndex(table, info) }
    methods.xDisconnect = { table in TableModule.disconnect(table) }
    methods.xOpen = { table, result in TableModule.open(table, result) }
    methods.xClose = { cursor in TableModule.close(cursor) }
    methods.xFilter = { cursor, plan, _, count, values in TableModule.filter(cursor, plan, count, values) }
    methods.xNext = { cursor in
      TableModule.withCursor(cursor) { $0.position += 1 }
      return SQLITE_OK
    }
    methods.xEof = { cursor in TableModule.withCursor(cursor) { $0.isAtEnd } ?? true ? 1 : 0 }
    methods.xColumn = { cursor, context, column in
      guard let context else { return SQLITE_MISUSE }
      SQLiteResult.set(TableModule.withCursor(cursor) { $0.value(column: Int(column)) } ?? .null, context)
      return SQLITE_OK
    }
    methods.xRowid = { cursor, rowid in
      rowid?.pointee = Int64(TableModule.withCursor(cursor) { $0.position } ?? 0) + 1
      return SQLITE_OK
    }
    module.initialize(to: methods)
    return UnsafePointer(module)
  }()

  // MARK: - Tables

  private static func connect(
    _ connection: OpaquePointer?, _ context: UnsafeMutableRawPointer?,
    _ result: UnsafeMutablePointer<UnsafeMutablePointer<sqlite3_vtab>?>?,
    _ message: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
  ) -> Int32 {
    guard let connection, let context, let result else { return SQLITE_MISUSE }
    let function = Unmanaged<TableFunction>.fromOpaque(context)
    let object = function.takeUnretainedValue()
    let status = csqlite_declare_vtab(connection, object.declaration)
    guard status == SQLITE_OK else {
      message?.pointee = csqlite_copy_string("\(object.table.name): SQLite does not take its columns")
      return status
    }
    _ = csqlite_vtab_config(
      connection,
      object.table.volatility == .volatile ? SQLITE_VTAB_DIRECTONLY : SQLITE_VTAB_INNOCUOUS)
    guard let memory = csqlite_malloc64(UInt64(MemoryLayout<Table>.size)) else { return SQLITE_NOMEM }
    let table = memory.bindMemory(to: Table.self, capacity: 1)
    table.initialize(to: Table(base: sqlite3_vtab(), function: function.retain()))
    result.pointee = UnsafeMutableRawPointer(table).assumingMemoryBound(to: sqlite3_vtab.self)
    return SQLITE_OK
  }

  private static func disconnect(_ table: UnsafeMutablePointer<sqlite3_vtab>?) -> Int32 {
    guard let table else { return SQLITE_MISUSE }
    // A connection that closes disconnects its virtual tables first, then looks for statements that are left.
    function(of: table).takeUnretainedValue().session.searchedColumns.releaseStatements()
    function(of: table).release()
    csqlite_free(table)
    return SQLITE_OK
  }

  private static func function(of table: UnsafeMutablePointer<sqlite3_vtab>) -> Unmanaged<TableFunction> {
    UnsafeMutableRawPointer(table).assumingMemoryBound(to: Table.self).pointee.function
  }

  private static func bestIndex(
    _ table: UnsafeMutablePointer<sqlite3_vtab>?, _ info: UnsafeMutablePointer<sqlite3_index_info>?
  ) -> Int32 {
    guard let table, let info else { return SQLITE_MISUSE }
    do throws(SibylError) {
      switch try function(of: table).takeUnretainedValue().plan(info) {
      case .supplies(let parameters):
        info.pointee.idxNum = parameters
        return SQLITE_OK
      case .unusable:
        return SQLITE_CONSTRAINT
      }
    } catch {
      return tell(error, on: table)
    }
  }

  /// Leaves an error where SQLite looks for it.
  private static func tell(_ error: SibylError, on table: UnsafeMutablePointer<sqlite3_vtab>) -> Int32 {
    csqlite_free(table.pointee.zErrMsg)
    table.pointee.zErrMsg = nil
    // SQLite has words of its own for an interrupted statement.
    if error.kind == .cancelled { return SQLITE_INTERRUPT }
    table.pointee.zErrMsg = csqlite_copy_string(error.message)
    return SQLITE_ERROR
  }

  // MARK: - Cursors

  private static func open(
    _ table: UnsafeMutablePointer<sqlite3_vtab>?,
    _ result: UnsafeMutablePointer<UnsafeMutablePointer<sqlite3_vtab_cursor>?>?
  ) -> Int32 {
    guard let table, let result else { return SQLITE_MISUSE }
    guard let memory = csqlite_malloc64(UInt64(MemoryLayout<Cursor>.size)) else { return SQLITE_NOMEM }
    let object = TableCursor(function(of: table).takeUnretainedValue())
    let cursor = memory.bindMemory(to: Cursor.self, capacity: 1)
    cursor.initialize(to: Cursor(base: sqlite3_vtab_cursor(), cursor: .passRetained(object)))
    result.pointee = UnsafeMutableRawPointer(cursor).assumingMemoryBound(to: sqlite3_vtab_cursor.self)
    return SQLITE_OK
  }

  private static func close(_ cursor: UnsafeMutablePointer<sqlite3_vtab_cursor>?) -> Int32 {
    guard let cursor else { return SQLITE_MISUSE }
    UnsafeMutableRawPointer(cursor).assumingMemoryBound(to: Cursor.self).pointee.cursor.release()
    csqlite_free(cursor)
    return SQLITE_OK
  }

  private static func withCursor<Result>(
    _ cursor: UnsafeMutablePointer<sqlite3_vtab_cursor>?, _ body: (TableCursor) -> Result
  ) -> Result? {
    guard let cursor else { return nil }
    return UnsafeMutableRawPointer(cursor).assumingMemoryBound(to: Cursor.self).pointee.cursor
      ._withUnsafeGuaranteedRef(body)
  }

  private static func filter(
    _ cursor: UnsafeMutablePointer<sqlite3_vtab_cursor>?, _ plan: Int32, _ count: Int32,
    _ values: UnsafeMutablePointer<OpaquePointer?>?
  ) -> Int32 {
    guard let cursor, let table = cursor.pointee.pVtab else { return SQLITE_MISUSE }
    let values = UnsafeBufferPointer(start: values, count: values == nil ? 0 : max(0, Int(count)))
    let fault = withCursor(cursor) { object -> SibylError? in
      do throws(SibylError) {
        try object.start(plan: plan, values)
        return nil
      } catch {
        return error
      }
    }
    if case .some(.some(let error)) = fault { return tell(error, on: table) }
    return SQLITE_OK
  }
}
