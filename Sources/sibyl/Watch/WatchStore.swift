import CSQLite
import Diagnostics
import JSON
import SQLiteExtension

/// The watches of a database, and the notes that their triggers make: two tables in the database itself.
struct WatchStore {
  /// What waits and what failed.
  struct Count: Equatable {
    var waiting = 0
    var failed = 0
  }

  let database: Database
  let isCancelled: () -> Bool

  private static let tables = [
    """
    CREATE TABLE IF NOT EXISTS main.sibyl_watches(
      id INTEGER PRIMARY KEY AUTOINCREMENT, source TEXT NOT NULL, source_key TEXT NOT NULL, expression TEXT NOT NULL,
      columns TEXT NOT NULL, target TEXT NOT NULL, target_key TEXT NOT NULL, target_column TEXT NOT NULL,
      created TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP)
    """,
    // A number is never used twice: a note that was dealt with can't be mistaken for a newer one.
    """
    CREATE TABLE IF NOT EXISTS main.sibyl_changes(
      id INTEGER PRIMARY KEY AUTOINCREMENT, watch INTEGER NOT NULL, key INTEGER NOT NULL, error TEXT, failed TEXT)
    """,
    """
    CREATE INDEX IF NOT EXISTS main.sibyl_failures ON sibyl_changes(watch, key) WHERE error IS NOT NULL
    """,
  ]

  /// The watches, in the order in which they were made.
  func watches() throws(SibylError) -> [Watch] {
    guard
      try database.integer(
        "SELECT 1 FROM main.sqlite_master WHERE name = 'sibyl_watches' AND type = 'table'") != nil
    else { return [] }
    var watches: [Watch] = []
    try database.query(
      """
      SELECT id, source, source_key, expression, columns, target, target_key, target_column \
      FROM main.sibyl_watches ORDER BY id
      """
    ) { row in
      let columns = (try? JSON.parse(row.text(4)))?.arrayValue?.compactMap(\.stringValue) ?? []
      watches.append(
        Watch(
          id: csqlite_column_int64(row, 0), source: row.text(1), key: row.text(2), expression: row.text(3),
          columns: columns, target: row.text(5), targetKey: row.text(6), column: row.text(7)))
    }
    return watches
  }

  func count(of watch: Watch) throws(SibylError) -> Count {
    Count(
      waiting: Int(
        try database.integer(
          "SELECT count(DISTINCT key) FROM main.sibyl_changes WHERE watch = ?1 AND error IS NULL",
          [.integer(watch.id)]) ?? 0),
      failed: Int(
        try database.integer(
          "SELECT count(DISTINCT key) FROM main.sibyl_changes WHERE watch = ?1 AND error IS NOT NULL",
          [.integer(watch.id)]) ?? 0))
  }

  // MARK: - Defining

  /// Makes a watch, with its triggers, its column and a note for each row that is there; or changes the one of the
  /// same column, whose rows are then all computed anew. A watch that is there as it is asked for is left alone.
  ///
  /// - Returns: false where nothing had to be done.
  func define(
    source: String, expression: String, into column: String, sideTable: String?
  ) throws(SibylError) -> Bool {
    try database.transaction(isCancelled: isCancelled) { () throws(SibylError) in
      let table = try WatchedTable.existing(source, in: database)
      for statement in Self.tables { try database.execute(statement) }
      var watch = Watch(
        id: 0, source: table.name, key: table.key, expression: expression, columns: [], target: table.name,
        targetKey: table.key, column: column)
      if let sideTable, sideTable.lowercased() != table.name.lowercased() {
        watch.target = sideTable
        try makeSideTable(&watch)
      } else {
        try makeColumn(&watch, table)
      }
      watch.columns = try WatchedExpression.columns(
        of: expression, over: try WatchedTable.existing(source, in: database), in: database)
      if !watch.hasSideTable { watch.columns.removeAll { $0.lowercased() == watch.column.lowercased() } }

      let others = try watches()
      let known = others.first { $0.name.lowercased() == watch.name.lowercased() }
      if let known {
        watch.id = known.id
        if watch == known { return false }
        guard known.source.lowercased() == watch.source.lowercased() else {
          throw SibylError(
            .invalidArgument,
            "\(watch.name) is made of \(known.source) already; remove that watch first: --remove \(known.name)"
          )
        }
      }
      try checkForCircles(watch, others)
      try remember(&watch, isNew: known == nil)
      for statement in watch.dropTriggers + watch.createTriggers { try database.execute(statement) }
      try database.execute("DELETE FROM main.sibyl_changes WHERE watch = ?1", [.integer(watch.id)])
      try database.execute(watch.noteAllRows)
      return true
    }
  }

  /// Makes a watch's triggers again where they are gone with their table, and notes all rows: whatever happened to them
  /// meanwhile was not noted.
  func restoreTriggers(of watch: Watch) throws(SibylError) {
    func isWhole() throws(SibylError) -> Bool {
      let count = try database.integer(
        "SELECT count(*) FROM main.sqlite_master WHERE type = 'trigger' AND name GLOB 'sibyl_watch_\(watch.id)_*'"
      )
      return Int(count ?? 0) == watch.createTriggers.count
    }
    guard try !isWhole(), try WatchedTable.find(watch.source, in: database) != nil else { return }
    try database.transaction(isCancelled: isCancelled) { () throws(SibylError) in
      guard try !isWhole() else { return }
      for statement in watch.dropTriggers + watch.createTriggers { try database.execute(statement) }
      try database.execute(watch.noteAllRows)
    }
  }

  private func makeColumn(_ watch: inout Watch, _ table: WatchedTable) throws(SibylError) {
    if let column = table.column(watch.column) {
      guard !column.isGenerated, column.name != table.key else {
        throw SibylError(
          .invalidArgument,
          "\(column.name) of \(table.name) is \(column.isGenerated ? "a generated column" : "the key") and can't be "
            + "written to; choose another name.")
      }
      watch.column = column.name
      let read = try WatchedExpression.columns(of: watch.expression, over: table, in: database)
      if read.contains(column.name),
        !table.columns.contains(where: { $0.isGenerated && read.contains($0.name) })
      {
        throw SibylError(
          .invalidArgument,
          "The expression reads \(column.name), the column that it is to be written into; choose another column."
        )
      }
    } else {
      try database.execute(
        "ALTER TABLE main.\(table.name.quotedAsName) ADD COLUMN \(watch.column.quotedAsName)")
    }
  }

  private func makeSideTable(_ watch: inout Watch) throws(SibylError) {
    guard let side = try WatchedTable.find(watch.target, in: database) else {
      guard watch.column.lowercased() != watch.key.lowercased() else {
        throw SibylError(.invalidArgument, "\(watch.column) is the key's name; choose another column.")
      }
      try database.execute(
        """
        CREATE TABLE main.\(watch.target.quotedAsName)(\(watch.key.quotedAsName) INTEGER PRIMARY KEY, \
        \(watch.column.quotedAsName))
        """)
      return
    }
    watch.target = side.name
    watch.targetKey = side.key
    if let column = side.column(watch.column) {
      guard !column.isGenerated, column.name != side.key else {
        throw SibylError(
          .invalidArgument, "\(column.name) of \(side.name) can't be written to; choose another column.")
      }
      watch.column = column.name
    } else {
      try database.execute(
        "ALTER TABLE main.\(side.name.quotedAsName) ADD COLUMN \(watch.column.quotedAsName)")
    }
  }

  /// Watches may read each other's columns, as long as none feeds itself.
  private func checkForCircles(_ watch: Watch, _ others: [Watch]) throws(SibylError) {
    var all = others.filter { $0.name.lowercased() != watch.name.lowercased() }
    all.append(watch)
    func isFed(_ reader: Watch, by writer: Watch) -> Bool {
      // A new row of a side table fires all triggers of those who read it.
      reader.source.lowercased() == writer.target.lowercased()
        && (writer.hasSideTable || reader.columns.contains { $0.lowercased() == writer.column.lowercased() })
    }
    var reached: [Watch] = []
    var next = [watch]
    while let writer = next.popLast() {
      for reader in all where isFed(reader, by: writer) && !reached.contains(reader) {
        reached.append(reader)
        next.append(reader)
      }
    }
    if reached.contains(watch) {
      throw SibylError(
        .invalidArgument,
        "\(watch.name) would feed itself, through \(reached.map(\.name).joined(separator: ", ")), and never end."
      )
    }
  }

  private func remember(_ watch: inout Watch, isNew: Bool) throws(SibylError) {
    let columns = JSON.array(watch.columns.map(JSON.string)).serialized()
    let texts = [
      watch.source, watch.key, watch.expression, columns, watch.target, watch.targetKey, watch.column,
    ]
    let names = ["source", "source_key", "expression", "columns", "target", "target_key", "target_column"]
    if isNew {
      try database.execute(
        "INSERT INTO main.sibyl_watches(\(names.joined(separator: ", "))) VALUES ('', '', '', '', '', '', '')"
      )
      watch.id = try database.integer("SELECT max(id) FROM main.sibyl_watches") ?? 0
    }
    for (name, text) in zip(names, texts) {
      let id = watch.id
      try Cell.withText(text) { (text) throws(SibylError) in
        try database.execute(
          "UPDATE main.sibyl_watches SET \(name) = ?1 WHERE id = ?2", [text, .integer(id)])
      }
    }
  }

  // MARK: - Looking after

  /// The watch of a name; the column alone will do where only one has it.
  func watch(named name: String) throws(SibylError) -> Watch {
    let all = try watches()
    let wanted = name.lowercased()
    let found = all.filter { $0.name.lowercased() == wanted }
    if let watch = found.first { return watch }
    let byColumn = all.filter { $0.column.lowercased() == wanted }
    if byColumn.count == 1 { return byColumn[0] }
    throw SibylError(
      .invalidArgument,
      "There is no watch \(name) in the database; "
        + (all.isEmpty ? "there is none at all." : "there are \(all.map(\.name).joined(separator: ", "))."))
  }

  /// Ends a watch. What it has written stays.
  func remove(_ watch: Watch) throws(SibylError) {
    try database.transaction(isCancelled: isCancelled) { () throws(SibylError) in
      for statement in watch.dropTriggers { try database.execute(statement) }
      try database.execute("DELETE FROM main.sibyl_changes WHERE watch = ?1", [.integer(watch.id)])
      try database.execute("DELETE FROM main.sibyl_watches WHERE id = ?1", [.integer(watch.id)])
      guard try watches().isEmpty else { return }
      try database.execute("DROP TABLE main.sibyl_watches")
      try database.execute("DROP TABLE main.sibyl_changes")
    }
  }

  /// Puts rows that failed back into the queue.
  func retry() throws(SibylError) {
    try database.transaction(isCancelled: isCancelled) { () throws(SibylError) in
      try database.execute(
        "INSERT INTO main.sibyl_changes(watch, key) "
          + "SELECT DISTINCT watch, key FROM main.sibyl_changes WHERE error IS NOT NULL")
      try database.execute("DELETE FROM main.sibyl_changes WHERE error IS NOT NULL")
    }
  }
}
