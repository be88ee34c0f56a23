/// A derived column that is kept up to date: an expression over the rows of one table, and where its values go.
///
/// It lives in the user's database (table `sibyl_watches`), so that `sibyl watch DATABASE` goes on with it.
struct Watch: Equatable {
  /// Its number in `sibyl_watches`, and in the notes that its triggers make.
  var id: Int64
  /// The table whose rows are read.
  var source: String
  /// The source's INTEGER PRIMARY KEY.
  var key: String
  /// An SQL expression over a row of the source.
  var expression: String
  /// The columns of the source that the expression reads.
  var columns: [String]
  /// The table that is written: the source, or one beside it.
  var target: String
  /// The target's INTEGER PRIMARY KEY, which has the source's values.
  var targetKey: String
  /// The column that is written.
  var column: String

  /// Whether values go into another table than they come from.
  var hasSideTable: Bool { target.lowercased() != source.lowercased() }

  /// What the watch is called on the command line.
  var name: String { "\(target).\(column)" }

  // MARK: - Triggers

  private func triggerName(_ kind: String) -> String { "main.sibyl_watch_\(id)_\(kind)" }

  /// The triggers that note which rows changed: plain SQL, so that they work in every program.
  ///
  /// Each change is a note of its own. One note a row would need a conflict clause, and a trigger's is overridden by
  /// that of the statement which fires it: with INSERT OR IGNORE the newer note would be lost.
  var createTriggers: [String] {
    let old = "old.\(key.quotedAsName)"
    let new = "new.\(key.quotedAsName)"
    let noteNew = "INSERT INTO sibyl_changes(watch, key) VALUES (\(id), \(new));"
    let noteOld = "INSERT INTO sibyl_changes(watch, key) SELECT \(id), \(old) WHERE \(old) <> \(new);"
    // A row's number can be changed under each of its names.
    let changed = (columns + [key, "rowid", "_rowid_", "oid"]).map(\.quotedAsName).joined(separator: ", ")
    let table = source.quotedAsName
    var triggers = [
      "CREATE TRIGGER \(triggerName("insert")) AFTER INSERT ON \(table) BEGIN \(noteNew) END",
      "CREATE TRIGGER \(triggerName("update")) AFTER UPDATE OF \(changed) ON \(table) BEGIN "
        + (hasSideTable ? "\(noteOld) " : "") + "\(noteNew) END",
    ]
    if hasSideTable {
      triggers.append(
        "CREATE TRIGGER \(triggerName("delete")) AFTER DELETE ON \(table) BEGIN "
          + "INSERT INTO sibyl_changes(watch, key) VALUES (\(id), \(old)); END")
    }
    return triggers
  }

  var dropTriggers: [String] {
    ["insert", "update", "delete"].map { "DROP TRIGGER IF EXISTS \(triggerName($0))" }
  }

  // MARK: - Reading and writing

  /// Notes every row that is there.
  var noteAllRows: String {
    """
    INSERT INTO main.sibyl_changes(watch, key) SELECT \(id), \(key.quotedAsName) FROM main.\(source.quotedAsName) \
    ORDER BY \(key.quotedAsName)
    """
  }

  /// For the rows whose keys are in `temp.sibyl_batch`: the value, the key, and what the expression reads.
  var values: String {
    let others = ([key] + columns).map { ", " + $0.quotedAsName }.joined()
    // The line break ends a comment at the expression's end.
    return """
      SELECT (\(expression)
      )\(others) FROM main.\(source.quotedAsName) \
      WHERE \(key.quotedAsName) IN (SELECT key FROM temp.sibyl_batch)
      """
  }

  /// Whether what the expression reads in the row of a key (?2) still is the same (?3, …).
  private var isSame: String {
    key.quotedAsName + " = ?2"
      + columns.indices.map { " AND \(columns[$0].quotedAsName) COLLATE BINARY IS ?\($0 + 3)" }.joined()
  }

  /// Returns a row where the row of a key (?2) still is what was read (?3, …); ?1 is not used.
  var check: String { "SELECT 1 FROM main.\(source.quotedAsName) WHERE \(isSame)" }

  /// Writes a value (?1) for the row of a key (?2) that still is what was read (?3, …), unless it is there already.
  var write: String {
    let column = column.quotedAsName
    guard hasSideTable else {
      return
        "UPDATE main.\(source.quotedAsName) SET \(column) = ?1 WHERE \(isSame) AND \(column) COLLATE BINARY IS NOT ?1"
    }
    return """
      INSERT INTO main.\(target.quotedAsName) AS side(\(targetKey.quotedAsName), \(column)) \
      SELECT \(key.quotedAsName), ?1 FROM main.\(source.quotedAsName) WHERE \(isSame) \
      ON CONFLICT(\(targetKey.quotedAsName)) DO UPDATE SET \(column) = excluded.\(column) \
      WHERE side.\(column) COLLATE BINARY IS NOT excluded.\(column)
      """
  }

  /// Deletes rows of the side table that have none in the source, which is where REPLACE ousted a row without firing
  /// a trigger: of all keys, or of one (?1).
  func deleteOrphans(ofOneKey: Bool) -> String {
    """
    DELETE FROM main.\(target.quotedAsName) AS t WHERE \(ofOneKey ? "t.\(targetKey.quotedAsName) = ?1 AND " : "")\
    NOT EXISTS (SELECT 1 FROM main.\(source.quotedAsName) AS s WHERE s.\(key.quotedAsName) = t.\(targetKey.quotedAsName))
    """
  }
}
