import CSQLite
import Diagnostics
import SQLiteExtension
import Threads

/// Computes the rows that are noted, in batches, and writes each result together with the end of its note.
///
/// A result is written only if the row still is what was read, in one transaction that also deletes the notes that were
/// read: whatever happens before its end leaves the notes, whatever happens after it finds them gone. A row that
/// changed meanwhile has a newer note.
final class WatchWorker {
  /// What a round did.
  struct Round {
    var written = 0
    var failed = 0
    /// Notes that were dealt with; 0 where none is left.
    var notes = 0
  }

  private struct Note {
    let id: Int64
    let key: Int64
  }

  /// The values of a batch: rows of a value, a key and what the expression read, and the rows that failed.
  private struct Values {
    var rows = RowBuffer()
    var failures: [(key: Int64, error: String)] = []
  }

  /// Notes that are dealt with at a time: as many as take less than a second, so that stopping takes no longer.
  private static let fewestNotes = 4
  private static let firstNotes = 8
  private static let mostNotes = 4_096
  private static let secondsPerRound = 0.7
  /// So often a row may have changed while it was computed, one round after the other, before that is a failure.
  private static let changesInARow = 20

  private let database: Database
  private let interruption: Interruption
  private var limit = firstNotes
  private var roundsWithoutEnd = 0
  /// Watches that SQLite does not compile, by their numbers: their notes wait.
  private(set) var faults: [Int64: String] = [:]

  init(_ database: Database, interruption: Interruption) throws(SibylError) {
    self.database = database
    self.interruption = interruption
    try database.execute("CREATE TEMP TABLE IF NOT EXISTS sibyl_batch(key INTEGER PRIMARY KEY)")
  }

  /// Watches that did not compile are tried again.
  func forgetFaults() { faults = [:] }

  /// Deals with the oldest notes.
  func round(_ watches: [Watch]) throws(SibylError) -> Round {
    let start = MonotonicClock.seconds
    var notes: [Int64: [Note]] = [:]
    var count = 0
    let usable = watches.filter { faults[$0.id] == nil }.map { String($0.id) }.joined(separator: ", ")
    try database.query(
      "SELECT id, watch, key FROM main.sibyl_changes WHERE error IS NULL AND watch IN (\(usable)) ORDER BY id LIMIT ?1",
      [.integer(Int64(limit))]
    ) { row in
      count += 1
      notes[csqlite_column_int64(row, 1), default: []].append(
        Note(id: csqlite_column_int64(row, 0), key: csqlite_column_int64(row, 2)))
    }
    var round = Round()
    for watch in watches {
      guard let own = notes[watch.id], faults[watch.id] == nil else { continue }
      try deal(with: own, watch, &round)
    }
    round.notes = count
    if count == limit || MonotonicClock.seconds - start > Self.secondsPerRound {
      let pace = Double(count) / max(MonotonicClock.seconds - start, 1e-3)
      limit = min(max(Int(pace * Self.secondsPerRound), Self.fewestNotes), Self.mostNotes, limit * 4)
    }
    return round
  }

  private func deal(with notes: [Note], _ watch: Watch, _ round: inout Round) throws(SibylError) {
    do throws(SibylError) {
      _ = try SQLStatement(watch.values, on: database.connection)
      _ = try SQLStatement(watch.write, on: database.connection)
    } catch {
      guard error.kind == .invalidArgument else { throw error }
      faults[watch.id] = error.message
      return
    }
    var seen: Set<Int64> = []
    var values = Values()
    try compute(notes.map(\.key).filter { seen.insert($0).inserted }, watch, into: &values)
    try stopIfAsked()
    while true {
      let outcome = try database.transaction(isCancelled: { self.interruption.isRequested }) {
        () throws(SibylError) in try write(values, notes, watch)
      }
      switch outcome {
      case .done(let written, let failed):
        round.written += written
        round.failed += failed
        return
      case .rolledBack(let failure):
        // A trigger of the user's took the whole transaction back; next time without that row.
        values.failures.append(failure)
      }
    }
  }

  private func stopIfAsked() throws(SibylError) {
    if interruption.isRequested { throw SibylError(.cancelled, "interrupted") }
  }

  // MARK: - Computing

  /// The values of rows. Where a row fails, the others are computed without it.
  private func compute(_ keys: [Int64], _ watch: Watch, into values: inout Values) throws(SibylError) {
    try stopIfAsked()
    do throws(SibylError) {
      let rows = try read(keys, watch)
      let columnCount = watch.columns.count + 2
      rows.forEachRow(columnCount: columnCount) { values.rows.append($0) }
    } catch {
      // The database, the machine or the model, and not the row.
      guard error.kind == .invalidArgument else { throw error }
      guard keys.count > 1 else {
        if let key = keys.first { values.failures.append((key, error.message)) }
        return
      }
      let half = keys.count / 2
      try compute(Array(keys[..<half]), watch, into: &values)
      try compute(Array(keys[half...]), watch, into: &values)
    }
  }

  private func read(_ keys: [Int64], _ watch: Watch) throws(SibylError) -> RowBuffer {
    try database.execute("DELETE FROM temp.sibyl_batch")
    try database.execute("BEGIN")
    do throws(SibylError) {
      let insert = try SQLStatement("INSERT INTO temp.sibyl_batch VALUES (?1)", on: database.connection)
      for key in keys { try database.run(insert, [.integer(key)]) }
      try database.execute("COMMIT")
    } catch {
      _ = csqlite_exec(database.connection, "ROLLBACK")
      throw error
    }
    let query = watch.values
    let observer = RunObserver(
      keepsRows: true, bar: ProgressBar(isVisible: false, style: TerminalStyle(descriptor: 2)),
      interruption: interruption, record: nil)
    let replay = Replay(database.session)
    if replay.makesCalls(query) {
      let mentionsLimit = StatementAnalysis(query).mentionsLimit
      let report = try replay.collect(query, mentionsLimit: mentionsLimit, observer: observer)
      if report.isExact, !observer.hasOverflowed { return observer.rows }
    }
    // From the cache.
    var rows = RowBuffer()
    let columnCount = Int32(watch.columns.count + 2)
    try database.query(query) { row in
      rows.append((0..<columnCount).map { Cell(row, column: $0) })
    }
    return rows
  }

  // MARK: - Writing

  private enum Outcome {
    case done(written: Int, failed: Int)
    case rolledBack((key: Int64, error: String))
  }

  /// One transaction.
  private func write(_ values: Values, _ notes: [Note], _ watch: Watch) throws(SibylError) -> Outcome {
    let connection = database.connection
    guard try WatchStore(database: database, isCancelled: { false }).watches().contains(watch) else {
      return .done(written: 0, failed: 0)
    }
    let delete = try SQLStatement("DELETE FROM main.sibyl_changes WHERE id = ?1", on: connection)
    var noted: Set<Int64> = []
    for note in notes {
      try database.run(delete, [.integer(note.id)])
      // Another worker may have been here first.
      if csqlite_changes(connection) > 0 { noted.insert(note.key) }
    }
    let forgive = try SQLStatement(
      "DELETE FROM main.sibyl_changes WHERE watch = ?1 AND key = ?2 AND error IS NOT NULL", on: connection)
    for key in noted { try database.run(forgive, [.integer(watch.id), .integer(key)]) }

    var failures = values.failures.filter { noted.contains($0.key) }
    let failed = Set(failures.map(\.key))
    var found: Set<Int64> = []
    var changed: [Int64] = []
    var written = 0
    var rolledBack: (key: Int64, error: String)?
    let write = try SQLStatement(watch.write, on: connection)
    let check = try SQLStatement(watch.check, on: connection)
    try values.rows.forEachRow(columnCount: watch.columns.count + 2) { (row) throws(SibylError) in
      guard rolledBack == nil, case .integer(let key) = row[1] else { return }
      found.insert(key)
      guard noted.contains(key), !failed.contains(key) else { return }
      do throws(SibylError) {
        try database.run(write, row)
      } catch {
        guard error.kind == .invalidArgument else { throw error }
        if csqlite_get_autocommit(connection) != 0 {
          rolledBack = (key, error.message)
        } else {
          failures.append((key, error.message))
        }
        return
      }
      if csqlite_changes(connection) > 0 {
        written += 1
      } else {
        // The value is there already, or the row has changed.
        var isSame = false
        try database.run(check, row) { _ in isSame = true }
        if !isSame { changed.append(key) }
      }
    }
    if let rolledBack {
      // The transaction that is to be committed is gone.
      try database.execute("BEGIN")
      return .rolledBack(rolledBack)
    }
    try settle(changed, written: written, &failures, watch)
    if watch.hasSideTable {
      let gone = noted.subtracting(found).subtracting(failures.map(\.key))
      let orphan = try SQLStatement(watch.deleteOrphans(ofOneKey: true), on: connection)
      for key in gone { try database.run(orphan, [.integer(key)]) }
    }
    let record = try SQLStatement(
      "INSERT INTO main.sibyl_changes(watch, key, error, failed) VALUES (?1, ?2, ?3, CURRENT_TIMESTAMP)",
      on: connection)
    for failure in failures {
      try Cell.withText(failure.error) { (error) throws(SibylError) in
        try database.run(record, [.integer(watch.id), .integer(failure.key), error])
      }
    }
    return .done(written: written, failed: failures.count)
  }

  /// Rows that are not what was read any more have a newer note, unless a program changed them without triggers.
  private func settle(
    _ changed: [Int64], written: Int, _ failures: inout [(key: Int64, error: String)], _ watch: Watch
  ) throws(SibylError) {
    roundsWithoutEnd = changed.isEmpty || written > 0 ? 0 : roundsWithoutEnd + 1
    guard roundsWithoutEnd < Self.changesInARow else {
      failures += changed.map { ($0, "the row was another one each time that it was read") }
      roundsWithoutEnd = 0
      return
    }
    let note = try SQLStatement(
      """
      INSERT INTO main.sibyl_changes(watch, key) SELECT ?1, ?2 \
      WHERE NOT EXISTS (SELECT 1 FROM main.sibyl_changes WHERE watch = ?1 AND key = ?2 AND error IS NULL)
      """, on: database.connection)
    for key in changed { try database.run(note, [.integer(watch.id), .integer(key)]) }
  }

  /// Deletes rows of side tables whose source is gone.
  func deleteOrphans(_ watches: [Watch]) throws(SibylError) {
    for watch in watches where watch.hasSideTable {
      guard let statement = try? SQLStatement(watch.deleteOrphans(ofOneKey: false), on: database.connection)
      else { continue }
      try database.transaction(isCancelled: { self.interruption.isRequested }) { () throws(SibylError) in
        try database.run(statement, [])
      }
    }
  }
}
