import CSQLite
import Diagnostics
import SQLiteExtension

/// A table of the user's database as far as a watch must know it.
struct WatchedTable {
  struct Column {
    let name: String
    let isGenerated: Bool
  }

  /// The name as the database has it.
  let name: String
  let columns: [Column]
  /// The INTEGER PRIMARY KEY.
  let key: String

  /// - Throws: where the table can't be watched; nil comes back where there is none of the name.
  static func find(_ name: String, in database: Database) throws(SibylError) -> WatchedTable? {
    var found: (name: String, kind: String, root: Int64)?
    try Cell.withText(name) { (name) throws(SibylError) in
      try database.query(
        "SELECT name, type, rootpage FROM main.sqlite_master WHERE name = ?1 COLLATE NOCASE AND type IN ('table', 'view')",
        [name]
      ) { row in
        found = (row.text(0), row.text(1), csqlite_column_int64(row, 2))
      }
    }
    guard let found else { return nil }
    guard found.kind == "table", found.root > 0 else {
      throw SibylError(
        .invalidArgument,
        "\(found.name) is a \(found.kind == "view" ? "view" : "virtual table"); only an ordinary table can be watched."
      )
    }
    var columns: [Column] = []
    var keys: [String] = []
    try database.query("PRAGMA main.table_xinfo(\(found.name.quotedAsName))") { row in
      columns.append(Column(name: row.text(1), isGenerated: csqlite_column_int64(row, 6) >= 2))
      if csqlite_column_int64(row, 5) > 0 { keys.append(row.text(1)) }
    }
    // Only an INTEGER PRIMARY KEY is the row's number itself: then the primary key has no index of its own.
    var hasKeyIndex = false
    try database.query("PRAGMA main.index_list(\(found.name.quotedAsName))") { row in
      if row.text(3) == "pk" { hasKeyIndex = true }
    }
    guard keys.count == 1, !hasKeyIndex, let key = keys.first else {
      throw SibylError(
        .invalidArgument,
        "\(found.name) has no INTEGER PRIMARY KEY, by which a watch knows its rows for good; other row numbers may "
          + "change (VACUUM). Make a table with one, such as id INTEGER PRIMARY KEY, and copy the rows.")
    }
    return WatchedTable(name: found.name, columns: columns, key: key)
  }

  /// The table, which must be there.
  static func existing(_ name: String, in database: Database) throws(SibylError) -> WatchedTable {
    guard let table = try find(name, in: database) else {
      throw SibylError(.invalidArgument, "There is no table \(name) in the database.")
    }
    return table
  }

  /// The column of a name, as the table spells it.
  func column(_ name: String) -> Column? {
    columns.first { $0.name.lowercased() == name.lowercased() }
  }
}

extension OpaquePointer {
  /// A column of a statement's row as text; empty for NULL.
  func text(_ column: Int32) -> String {
    csqlite_column_text(self, column).map { String(cString: $0) } ?? ""
  }
}
