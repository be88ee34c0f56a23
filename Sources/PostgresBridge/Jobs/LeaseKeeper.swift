import Logging
import PostgresClient
import Synchronization
import Threads

/// Makes the leases of a process last as long as it works, over a connection of its own, so that a slow query does not
/// cost the lease.
///
/// Threads: any may add and remove; one of its own renews.
final class LeaseKeeper: Sendable {
  private static let pauseMilliseconds: UInt32 = 100

  private let dsn: PostgresDSN
  private let logger: Logger
  private let active = Guarded<[ObjectIdentifier: ActiveWork]>([:])
  private let isStopping = Atomic<Bool>(false)

  init(dsn: PostgresDSN, logger: Logger) {
    self.dsn = dsn
    self.logger = logger
  }

  /// - Returns: false where the system gives no thread.
  func start() -> Bool { WorkerThread.start { [self] in keep() } }

  /// Gives up all work, so that its threads end soon.
  func stop() {
    isStopping.store(true, ordering: .releasing)
    for work in active.withLock({ Array($0.values) }) { work.giveUp() }
  }

  func add(_ work: ActiveWork) {
    active.withLock { $0[ObjectIdentifier(work)] = work }
    if isStopping.load(ordering: .acquiring) { work.giveUp() }
  }

  func remove(_ work: ActiveWork) { active.withLock { $0[ObjectIdentifier(work)] = nil } }

  private func keep() {
    var queue: WorkQueue?
    while !isStopping.load(ordering: .acquiring) {
      MonotonicClock.sleep(milliseconds: Self.pauseMilliseconds)
      let now = MonotonicClock.seconds
      for work in active.withLock({ Array($0.values) }) where work.needsRenewal(now: now) {
        do throws(PostgresError) {
          if queue == nil { queue = try WorkQueue(dsn, applicationName: "sibyl worker, leases") }
          if try queue?.renew(work.work) == true {
            work.noteRenewal(now)
          } else {
            work.giveUp()
          }
        } catch {
          // The work goes on: whether the lease outlived the connection shows when it is done.
          logger.debug("a lease was not renewed", metadata: ["reason": "\(error)"])
          queue = nil
          break
        }
      }
    }
  }
}
