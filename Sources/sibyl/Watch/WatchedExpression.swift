import CSQLite
import Diagnostics
import SQLiteExtension

/// Finds out which columns an expression reads, by asking SQLite as it compiles the expression
/// (https://www.sqlite.org/c3ref/set_authorizer.html).
struct WatchedExpression {
  private final class Reads {
    var columns: [(table: String, column: String)] = []
  }

  /// The columns of `table` whose changes can change the expression's value, without the key; `target` is left out.
  ///
  /// - Throws: where SQLite does not take the expression, or it depends on more than one row of the table.
  static func columns(
    of expression: String, over table: WatchedTable, in database: Database
  ) throws(SibylError) -> [String] {
    let reads = Reads()
    try withExtendedLifetime(reads) { () throws(SibylError) in
      sqlite3_set_authorizer(
        database.connection,
        { context, action, table, column, _, _ in
          if action == SQLITE_READ, let context, let table, let column {
            Unmanaged<Reads>.fromOpaque(context).takeUnretainedValue().columns.append(
              (String(cString: table), String(cString: column)))
          }
          return SQLITE_OK
        }, Unmanaged.passUnretained(reads).toOpaque())
      defer { sqlite3_set_authorizer(database.connection, nil, nil) }
      try check(expression, table, database)
    }
    var columns: [String] = []
    var readsGenerated = false
    for read in reads.columns {
      guard read.table.lowercased() == table.name.lowercased() else {
        // json_each and the like read nothing but their arguments.
        guard try isStored(read.table, database) else { continue }
        throw SibylError(
          .invalidArgument,
          "The expression reads the table \(read.table); a watch follows the changes of \(table.name) alone, so the "
            + "expression may read nothing else.")
      }
      guard let column = table.column(read.column), column.name != table.key else { continue }
      readsGenerated = readsGenerated || column.isGenerated
      if !columns.contains(column.name) { columns.append(column.name) }
    }
    // What a generated column is made of is not told: any change may be one of it.
    if readsGenerated {
      for column in table.columns where !columns.contains(column.name) && column.name != table.key {
        columns.append(column.name)
      }
    }
    return columns
  }

  private static func check(
    _ expression: String, _ table: WatchedTable, _ database: Database
  ) throws(SibylError) {
    let name = table.name.quotedAsName
    do throws(SibylError) {
      let value = try SQLStatement("SELECT (\(expression)\n) FROM main.\(name)", on: database.connection)
      guard csqlite_column_count(value.pointer) == 1, csqlite_bind_parameter_count(value.pointer) == 0 else {
        throw SibylError(.invalidArgument, "it must be one value, without parameters")
      }
      // An aggregate function would make one value of all rows; WHERE does not take one.
      _ = try SQLStatement("SELECT 1 FROM main.\(name) WHERE (\(expression)\n)", on: database.connection)
    } catch {
      throw SibylError(
        error.kind, "\"\(expression)\" is no expression over a row of \(table.name): \(error.message).")
    }
  }

  private static func isStored(_ table: String, _ database: Database) throws(SibylError) -> Bool {
    try Cell.withText(table) { (name) throws(SibylError) in
      try database.integer(
        "SELECT 1 FROM main.sqlite_master WHERE name = ?1 COLLATE NOCASE "
          + "UNION ALL SELECT 1 FROM temp.sqlite_master WHERE name = ?1 COLLATE NOCASE", [name]) != nil
    }
  }
}
