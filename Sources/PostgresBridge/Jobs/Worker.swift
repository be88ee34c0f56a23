import Diagnostics
import Functions
import Inference
import Logging
import PostgresClient

/// A process that only works on jobs and on columns that are kept fresh: it serves no calls, listens nowhere and
/// installs nothing. Any number of them, on any machines, share the work of a database with its bridge.
///
/// Threads: `start` and `stop` are called by one thread.
public final class Worker: Sendable {
  public struct Configuration: Sendable {
    public var dsn: PostgresDSN
    /// Chunks that are worked on at once.
    public var threads = Worker.defaultThreads
    /// How `sibyl.jobs` and errors name the process; nil for the machine's name and the process's number.
    public var name: String?
    public var logger: Logger

    public init(dsn: PostgresDSN, logger: Logger) {
      self.dsn = dsn
      self.logger = logger
    }
  }

  /// One chunk is computed while another is read or written.
  public static let defaultThreads = 2

  private let pool: CallPool
  private let workers: JobWorkers

  /// - Throws: where the database can't be reached, or does not hold what this version works with.
  public static func start(_ configuration: Configuration) throws(SibylError) -> Worker {
    do throws(PostgresError) {
      _ = try WorkQueue(configuration.dsn, applicationName: "sibyl worker")
    } catch { throw error.error }
    return try Worker(configuration)
  }

  private init(_ configuration: Configuration) throws(SibylError) {
    pool = CallPool(
      limit: BridgeLimits().waitingCalls, cores: InferenceEngine.shared.cores,
      evaluator: CallEvaluator(
        evaluator: .shared, fingerprints: Fingerprints(), answers: AnswerWriter(), counters: BridgeCounters())
    )
    workers = JobWorkers(
      dsn: configuration.dsn, name: configuration.name, pool: pool, logger: configuration.logger)
    try workers.start(count: configuration.threads)
  }

  /// Gives back what is under way and ends.
  public func stop() {
    workers.stop()
    pool.stop()
  }
}
