import CSQLite
import Diagnostics
import SQLiteExtension
import Threads

/// Works until nothing is noted, and then, unless it is to end there, waits for changes.
final class WatchLoop {
  /// How often a database at rest is looked at; a look takes some microseconds.
  private static let pollMilliseconds: UInt32 = 50
  private static let secondsBetweenSweeps = 60.0

  private let database: Database
  private let store: WatchStore
  private let worker: WatchWorker
  private let interruption: Interruption
  private let tell: (String) -> Void
  private var bar: ProgressBar
  private var lastSweep = -Double.infinity
  private var toldFaults: Set<String> = []

  private(set) var written = 0
  private(set) var failed = 0

  init(
    _ store: WatchStore, interruption: Interruption, bar: ProgressBar, tell: @escaping (String) -> Void
  ) throws(SibylError) {
    database = store.database
    self.store = store
    self.interruption = interruption
    self.bar = bar
    self.tell = tell
    worker = try WatchWorker(store.database, interruption: interruption)
  }

  /// Whether a watch can't be worked on.
  var hasFaults: Bool { !worker.faults.isEmpty }

  /// - Parameter endsWhenDone: whether to return when nothing is noted.
  /// - Throws: `.cancelled` when the user asks to stop.
  func run(endsWhenDone: Bool) throws(SibylError) {
    defer { bar.clear() }
    var isTold = false
    while true {
      let version = try dataVersion()
      worker.forgetFaults()
      let watches = try patiently { () throws(SibylError) in try store.watches() }
      guard !watches.isEmpty else {
        throw SibylError(.invalidArgument, "There is nothing to watch in the database any more.")
      }
      for watch in watches {
        // A table that can't be watched any more is told of when its notes are dealt with.
        try patiently { () throws(SibylError) in
          do throws(SibylError) { try store.restoreTriggers(of: watch) } catch {
            if error.kind != .invalidArgument { throw error }
          }
        }
      }
      try sweep(watches)
      if try drain(watches) || !isTold {
        isTold = true
        bar.clear()
        if !endsWhenDone { tell(summary + " Waiting for changes; Ctrl-C stops.") }
      }
      if endsWhenDone { return }
      while try dataVersion() == version {
        MonotonicClock.sleep(milliseconds: Self.pollMilliseconds)
        if interruption.isRequested { throw SibylError(.cancelled, "interrupted") }
      }
    }
  }

  var summary: String {
    let rows = "\(NumberText.grouped(written)) \(written == 1 ? "row" : "rows") written"
    return failed == 0 ? "Up to date: \(rows)." : "Up to date: \(rows), \(NumberText.grouped(failed)) failed."
  }

  /// Deals with everything that is noted; answers whether there was anything.
  private func drain(_ watches: [Watch]) throws(SibylError) -> Bool {
    var hasWorked = false
    var done = 0
    var total: Int?
    let start = MonotonicClock.seconds
    while true {
      let round = try patiently { () throws(SibylError) in try worker.round(watches) }
      for watch in watches {
        guard let fault = worker.faults[watch.id], toldFaults.insert("\(watch.id) \(fault)").inserted else {
          continue
        }
        bar.clear()
        tell("\(watch.name) waits: \(fault). Mend the table, or remove the watch: --remove \(watch.name)")
      }
      guard round.notes > 0 else { return hasWorked }
      hasWorked = true
      written += round.written
      failed += round.failed
      done += round.notes
      guard bar.isDue else { continue }
      // Counted once: whoever goes on writing meanwhile makes the bar a little wrong.
      let all = if let total { total } else { done + (try waiting()) }
      total = all
      bar.show(
        ProgressBar.State(
          done: done, total: max(all, done), cached: 0, computed: done,
          seconds: MonotonicClock.seconds - start))
    }
  }

  private func waiting() throws(SibylError) -> Int {
    Int(try database.integer("SELECT count(*) FROM main.sibyl_changes WHERE error IS NULL") ?? 0)
  }

  private func sweep(_ watches: [Watch]) throws(SibylError) {
    guard MonotonicClock.seconds - lastSweep >= Self.secondsBetweenSweeps else { return }
    lastSweep = MonotonicClock.seconds
    try worker.deleteOrphans(watches)
  }

  /// Changes when another connection has written.
  private func dataVersion() throws(SibylError) -> Int64 {
    try patiently { () throws(SibylError) in try database.integer("PRAGMA main.data_version") ?? 0 }
  }

  /// Does something again as long as somebody else has the database for himself.
  private func patiently<Result>(
    _ body: () throws(SibylError) -> Result
  ) throws(SibylError) -> Result {
    while true {
      do throws(SibylError) {
        return try body()
      } catch {
        // SQLite's words for SQLITE_BUSY.
        guard error.kind == .unavailable, error.message == "database is locked", !interruption.isRequested
        else { throw error }
      }
    }
  }
}
