import Diagnostics
import Logging
import PostgresClient
import Synchronization
import Threads

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The threads of a process that work on jobs and on columns that are kept fresh: each leases something, computes it
/// and writes the answers, again and again. Processes of any number share the work through the database alone.
///
/// Threads: `start` and `stop` are called by one; the rest are its own.
final class JobWorkers: Sendable {
  private static let pauses = [0.1, 0.2, 0.5, 1, 2, 5]
  /// How often a thread without work looks for some, beside being woken.
  private static let pollMilliseconds = 500
  /// For how long a job is left to others that could not be done here.
  private static let avoidanceSeconds = 5.0

  private let dsn: PostgresDSN
  private let name: String
  private let pool: CallPool
  private let logger: Logger
  private let keeper: LeaseKeeper
  private let classifiers = ClassifierMemory()
  private let isStopping = Atomic<Bool>(false)
  private let running = Monitor(0)

  /// - Parameter name: how `sibyl.jobs` tells processes apart; by default the machine's name and the process's number.
  init(dsn: PostgresDSN, name: String?, pool: CallPool, logger: Logger) {
    self.dsn = dsn
    self.name = name ?? Self.processName()
    self.pool = pool
    self.logger = logger
    keeper = LeaseKeeper(dsn: dsn, logger: logger)
  }

  /// - Parameter count: how many chunks are worked on at once. With two, one is computed while another is written.
  func start(count: Int) throws(SibylError) {
    guard count > 0 else { return }
    guard keeper.start() else { throw Self.noThread }
    for _ in 0..<count {
      running.withLock { $0 += 1 }
      let isStarted = WorkerThread.start { [self] in
        work()
        running.signal { $0 -= 1 }
      }
      if !isStarted {
        running.withLock { $0 -= 1 }
        stop()
        throw Self.noThread
      }
    }
    logger.info("working on jobs", metadata: ["worker": "\(name)", "threads": "\(count)"])
  }

  /// Gives back what is under way, so that others can take it at once; takes a few seconds at most.
  func stop() {
    isStopping.store(true, ordering: .releasing)
    keeper.stop()
    _ = running.wait(milliseconds: 5_000) { $0 == 0 ? true : nil }
  }

  private var isStopped: Bool { isStopping.load(ordering: .acquiring) }

  private func work() {
    var failures = 0
    while !isStopped {
      do throws(PostgresError) {
        let queue = try WorkQueue(dsn, applicationName: "sibyl worker")
        try serve(queue, after: &failures)
      } catch {
        if isStopped { return }
        if failures == 0 {
          logger.warning("no work on jobs for now; trying again", metadata: ["reason": "\(error)"])
        }
        pause(Self.pauses[min(failures, Self.pauses.count - 1)])
        failures += 1
      }
    }
  }

  /// Works until the process stops or the connection fails.
  private func serve(_ queue: WorkQueue, after failures: inout Int) throws(PostgresError) {
    var queue = queue
    var avoided: [Int64: Double] = [:]
    while !isStopped {
      avoided = avoided.filter { $0.value > MonotonicClock.seconds }
      let leased = try queue.lease(worker: name, avoiding: Array(avoided.keys))
      if failures > 0 { logger.notice("working on jobs again") }
      failures = 0
      guard let work = leased else {
        _ = try queue.connection.waitForNotification(milliseconds: Self.pollMilliseconds)
        continue
      }
      let active = ActiveWork(work)
      keeper.add(active)
      defer { keeper.remove(active) }
      do throws(WorkFault) {
        let outcome = try WorkComputation(
          active: active, reader: WorkReader(connection: queue.connection),
          surroundings: WorkSurroundings(connection: queue.connection, memory: classifiers), pool: pool
        ).outcome()
        try finish(active, outcome, &queue)
      } catch {
        switch error {
        case .unwanted: try queue.release(work)
        case .connection(let error): throw error
        case .worker(let message), .attempt(let message):
          logger.warning("work was given back", metadata: ["reason": "\(message)"])
          let counts = if case .attempt = error { true } else { false }
          try queue.release(work, error: "\(message) (worker \(name))", counts: counts)
          avoided[work.id] = MonotonicClock.seconds + Self.avoidanceSeconds
        case .work(let message):
          logger.warning("work was paused", metadata: ["reason": "\(message)"])
          try queue.release(work, error: message, pauses: true)
        }
      }
    }
  }

  /// Writes what was computed. Where the database is away meanwhile, it waits for it: whether the lease has outlived
  /// that is for the database to say.
  private func finish(
    _ active: ActiveWork, _ outcome: WorkOutcome, _ queue: inout WorkQueue
  ) throws(WorkFault) {
    var failures = 0
    while true {
      do throws(PostgresError) {
        if queue.connection.isLost { queue = try WorkQueue(dsn, applicationName: "sibyl worker") }
        if try !queue.finish(active.work, outcome) {
          logger.info("a lease was lost; what was computed under it is not written")
          throw PostgresError(SibylError(.cancelled, "the lease is lost"), sqlState: "57014")
        }
        return
      } catch {
        if error.error.kind == .cancelled { throw .unwanted }
        guard queue.connection.isLost || error.sqlState == "08001" else {
          throw WorkFault(error, isLost: false) ?? .work(error.error.message)
        }
        guard !isStopped, active.isWanted else { throw .connection(error) }
        if failures == 0 {
          logger.warning(
            "the connection to the database failed; trying again", metadata: ["reason": "\(error)"])
        }
        pause(Self.pauses[min(failures, Self.pauses.count - 1)])
        failures += 1
      }
    }
  }

  private func pause(_ seconds: Double) {
    let end = MonotonicClock.seconds + seconds
    while MonotonicClock.seconds < end, !isStopped { MonotonicClock.sleep(milliseconds: 20) }
  }

  private static func processName() -> String {
    var buffer = [CChar](repeating: 0, count: 256)
    gethostname(&buffer, buffer.count - 1)
    let host = String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    return "\(host.isEmpty ? "localhost" : host):\(getpid())"
  }

  private static let noThread = SibylError(.unavailable, "the system gives the workers no thread")
}
