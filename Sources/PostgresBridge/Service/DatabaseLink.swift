import Diagnostics
import Logging
import PostgresClient
import Synchronization
import Threads

/// The bridge's own connection to the database: it writes answers into the cache table, says under which
/// fingerprints they count, trims the table, and comes back when the database was restarted.
///
/// Threads: one thread of its own holds the connection; the rest of the bridge talks to it through the
/// `AnswerWriter`. Starts with `start`, ends with `stop`.
final class DatabaseLink: Sendable {
  private static let pauses = [0.1, 0.2, 0.5, 1, 2, 5]
  /// How long answers gather for one transaction. Until they are in the table, the bridge has them; a transaction for
  /// every few of them would take the cores from those that compute.
  private static let groupMilliseconds = 100

  private let dsn: PostgresDSN
  private let answers: AnswerWriter
  private let fingerprints: Fingerprints
  private let cacheBytes: Int
  private let logger: Logger
  private let isStopping = Atomic<Bool>(false)
  private let running = Monitor(false)

  init(
    dsn: PostgresDSN, answers: AnswerWriter, fingerprints: Fingerprints, cacheBytes: Int, logger: Logger
  ) {
    self.dsn = dsn
    self.answers = answers
    self.fingerprints = fingerprints
    self.cacheBytes = cacheBytes
    self.logger = logger
  }

  func start() throws(SibylError) {
    running.withLock { $0 = true }
    guard WorkerThread.start({ [self] in work() }) else {
      running.withLock { $0 = false }
      throw SibylError(.unavailable, "the system gives the bridge no thread")
    }
  }

  /// Ends after the answers that wait are written, for three seconds at most.
  func stop() {
    isStopping.store(true, ordering: .releasing)
    _ = running.wait(milliseconds: 3_000) { $0 ? nil : true }
  }

  private func work() {
    var failures = 0
    while !isStopping.load(ordering: .acquiring) {
      do throws(PostgresError) {
        let connection = try PostgresConnection(dsn, applicationName: "sibyl bridge")
        if failures > 0 { logger.notice("connected to the database again") }
        failures = 0
        try serve(connection)
      } catch {
        answers.setOpen(false)
        if isStopping.load(ordering: .acquiring) { break }
        if failures == 0 {
          logger.warning(
            "the connection to the database failed; trying again", metadata: ["reason": "\(error)"])
        }
        pause(Self.pauses[min(failures, Self.pauses.count - 1)])
        failures += 1
      }
    }
    answers.setOpen(false)
    running.signal { $0 = false }
  }

  /// Serves until the bridge stops or the connection fails.
  private func serve(_ connection: PostgresConnection) throws(PostgresError) {
    let schema = PostgresSchema(on: connection)
    // A database restored from elsewhere, or uninstalled meanwhile, lacks what is written below.
    if try schema.installation() == nil {
      throw PostgresError(
        SibylError(.unavailable, "sibyl is not installed in the database any more; restart the bridge"))
    }
    var isFirst = true
    var nextLook = 0.0
    var nextTrim = MonotonicClock.seconds + 5
    answers.setOpen(true)
    while true {
      let now = MonotonicClock.seconds
      if now >= nextLook || fingerprints.isStale {
        nextLook = now + 1
        try publishFingerprints(schema, always: isFirst)
        isFirst = false
      }
      if now >= nextTrim {
        nextTrim = now + 60
        let removed = try schema.trimCache(maximumBytes: cacheBytes)
        if removed > 0 { logger.info("trimmed the cache table", metadata: ["rows": "\(removed)"]) }
      }
      let entries = answers.take(milliseconds: Self.groupMilliseconds)
      if entries.isEmpty {
        if isStopping.load(ordering: .acquiring) { return }
        continue
      }
      do throws(PostgresError) {
        _ = try schema.storeAnswers(entries.map { (key: $0.key, answer: $0.answer) })
        answers.finish(entries.count, isWritten: true)
      } catch {
        answers.finish(entries.count, isWritten: false)
        if error.isConnectionLost { throw error }
        logger.warning("answers were not kept in the database", metadata: ["reason": "\(error)"])
      }
    }
  }

  private func publishFingerprints(_ schema: PostgresSchema, always: Bool) throws(PostgresError) {
    if let changed = fingerprints.refresh() {
      try schema.updateFingerprints(changed)
    } else if always {
      try schema.updateFingerprints(fingerprints.all)
    }
    fingerprints.notePublished()
  }

  private func pause(_ seconds: Double) {
    let end = MonotonicClock.seconds + seconds
    while MonotonicClock.seconds < end, !isStopping.load(ordering: .acquiring) {
      MonotonicClock.sleep(milliseconds: 20)
    }
  }
}
