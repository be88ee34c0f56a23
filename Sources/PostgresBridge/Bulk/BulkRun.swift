import Diagnostics
import PostgresClient
import Synchronization
import Threads

/// Runs a statement in the database with its AI calls computed in large batches: what `sibyl run --dsn` does.
///
/// The statement first runs in collecting mode, inside a transaction that is rolled back: a function whose answer
/// is not cached tells the call in a notice and answers NULL. Meanwhile other sessions have the bridge compute
/// what was told. When a run tells nothing new (nested calls and calls in WHERE take one run a level), the
/// statement runs for good, on cached answers.
///
/// Threads: owned by one; it starts the sessions that compute on threads of their own.
public final class BulkRun {
  /// How far the work is.
  public struct Progress: Sendable {
    /// Distinct calls that are not cached, and how many of them are computed.
    public var found = 0
    public var computed = 0
    public var passes = 0
    /// Whether rows are still being read for calls.
    public var isCollecting = true
  }

  /// What the statement did.
  public struct Outcome: Sendable {
    /// `SELECT 3`, `INSERT 0 5`, `CREATE TABLE AS`.
    public var commandTag = ""
    /// Rows that it returned or wrote.
    public var rows = 0
    public var progress = Progress()
    /// Calls that failed: the statement tells why where it needs their answers.
    public var failures = 0
  }

  /// Sessions that compute: while one is between two batches, the other keeps the engine at work.
  private static let computingSessions = 3
  /// Passes before what still asks for more is left to the statement itself.
  private static let maximumPasses = 16

  private let dsn: PostgresDSN
  private let isCancelled: @Sendable () -> Bool
  private let onProgress: (Progress) -> Void
  private var progress = Progress()

  /// - Parameters:
  ///   - isCancelled: asked often; the work ends within a second of a true answer, and what was computed is kept.
  ///   - onProgress: told several times a second, on the calling thread.
  public init(
    dsn: PostgresDSN, isCancelled: @escaping @Sendable () -> Bool, onProgress: @escaping (Progress) -> Void
  ) {
    self.dsn = dsn
    self.isCancelled = isCancelled
    self.onProgress = onProgress
  }

  /// Runs one statement.
  ///
  /// - Parameters:
  ///   - columns: told once, before the first row, where the statement returns rows.
  ///   - row: takes a row; false ends the statement.
  public func run(
    _ sql: String, columns: ([PostgresColumn]) -> Void, row: (PostgresRow) -> Bool
  ) throws(PostgresError) -> Outcome {
    let connection = try PostgresConnection(dsn, applicationName: "sibyl run")
    var outcome = Outcome()
    let watch = CancellationWatch(isCancelled)
    defer { watch.end() }
    watch.add(connection.canceller())

    let calls = CollectedCalls()
    let sessions = try ComputingSessions(
      count: Self.computingSessions, dsn: dsn, calls: calls, watch: watch)
    defer { sessions.end() }

    while progress.passes < Self.maximumPasses {
      let before = calls.progress.found
      progress.passes += 1
      try collect(sql, on: connection, into: calls)
      report(calls, isCollecting: false)
      while calls.progress.computed < calls.progress.found, !isCancelled(), !sessions.haveFailed {
        MonotonicClock.sleep(milliseconds: 50)
        report(calls, isCollecting: false)
      }
      if isCancelled() { throw Self.cancelled }
      if let error = sessions.failure { throw error }
      if calls.progress.found == before { break }
    }
    outcome.failures = sessions.failures
    outcome.progress = progress
    let result = try connection.run(sql, columns: columns, row: row)
    outcome.commandTag = result?.commandTag ?? ""
    outcome.rows = result?.affectedRows ?? 0
    return outcome
  }

  /// Runs the statement for its calls alone. With NULL for answers it may well fail; an error that is its own is
  /// told when it runs for good.
  private func collect(
    _ sql: String, on connection: PostgresConnection, into calls: CollectedCalls
  ) throws(PostgresError) {
    var lastReport = MonotonicClock.seconds
    connection.onNotice = { [self] notice in
      guard notice.message == "sibyl.call", let call = notice.detail else { return }
      calls.add(call)
      if MonotonicClock.seconds - lastReport > 0.1 {
        lastReport = MonotonicClock.seconds
        report(calls, isCollecting: true)
      }
    }
    defer {
      connection.onNotice = nil
      calls.endPass()
    }
    try connection.runScript(
      "BEGIN; SET LOCAL sibyl.collect = on; SET LOCAL client_min_messages = notice; "
        + "SET LOCAL synchronous_commit = off")
    do throws(PostgresError) {
      _ = try connection.run(sql, columns: { _ in }, row: { _ in true })
    } catch {
      if error.isConnectionLost || isCancelled() { throw error }
    }
    try connection.runScript("ROLLBACK")
  }

  private func report(_ calls: CollectedCalls, isCollecting: Bool) {
    (progress.found, progress.computed) = calls.progress
    progress.isCollecting = isCollecting
    onProgress(progress)
  }

  private static let cancelled = PostgresError(
    SibylError(.cancelled, "the run was cancelled; what was computed is kept"))
}
