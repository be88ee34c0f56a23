import Diagnostics
import Functions
import Inference
import Logging
import PostgresClient
import PostgresWire
import Synchronization
import Threads

/// The whole bridge: a server that the database calls, and a client that installs the functions in it.
///
/// Threads: `start` and `stop` are called by one thread. Between them run the server's event loops, the pool's
/// threads, the database link's, and one that keeps time.
public final class Bridge: Sendable {
  public struct Configuration: Sendable {
    public var dsn: PostgresDSN
    /// The schema in which users find the functions.
    public var schema = "public"
    /// Where the server listens; the first one is where the database calls.
    public var endpoints: [WireEndpoint] = [.tcp(host: "127.0.0.1", port: Bridge.defaultPort)]
    /// The address under which the database reaches the first endpoint, where that differs from it.
    public var advertisedHost: String?
    public var tls: WireTLS?
    public var limits = BridgeLimits()
    /// The size that the database's cache table is trimmed to.
    public var cacheBytes = 1 << 30
    public var maximumConnections = 200
    /// Chunks of jobs that are worked on at once, beside the calls; 0 to serve calls only.
    public var jobThreads = Worker.defaultThreads
    public var logger: Logger

    public init(dsn: PostgresDSN, logger: Logger) {
      self.dsn = dsn
      self.logger = logger
    }
  }

  /// The port that the bridge takes where nothing else is said.
  public static let defaultPort = 5499

  /// Where the server listens.
  public let endpoints: [WireEndpoint]
  /// What was installed.
  public let installed: InstalledBridge

  private let server: WireServer
  private let service: BridgeService
  private let pool: CallPool
  private let link: DatabaseLink
  private let jobs: JobWorkers
  private let isStopping = Atomic<Bool>(false)

  /// Installs or upgrades the functions in the database, and serves.
  public static func start(_ configuration: Configuration) throws(SibylError) -> Bridge {
    do {
      return try Bridge(configuration)
    } catch let error as SibylError {
      throw error
    } catch let error as PostgresError {
      throw error.error
    } catch {
      throw SibylError(.internalFault, "\(error)")
    }
  }

  private init(_ configuration: Configuration) throws {
    let logger = configuration.logger
    let connection = try PostgresConnection(configuration.dsn, applicationName: "sibyl bridge")

    let fingerprints = Fingerprints()
    _ = fingerprints.refresh()
    let counters = BridgeCounters()
    let answers = AnswerWriter()
    let pool = CallPool(
      limit: configuration.limits.waitingCalls, cores: InferenceEngine.shared.cores,
      evaluator: CallEvaluator(
        evaluator: .shared, fingerprints: fingerprints, answers: answers, counters: counters))
    let sessionCount = SessionCount()
    let service = BridgeService(
      pool: pool, limits: configuration.limits, counters: counters, sessions: { sessionCount.value })

    // The server comes first, because the database is told the port that it got; nobody can log in until the
    // password is known.
    var wire = WireServerConfiguration(endpoints: configuration.endpoints, users: [:])
    wire.tls = configuration.tls
    wire.maximumConnections = configuration.maximumConnections
    let server = try WireServer.start(wire, service: service, logger: logger)
    sessionCount.server.withLock { $0 = server }
    do {
      guard let endpoint = server.endpoints.first else {
        throw SibylError(.invalidArgument, "the bridge needs an address to listen on")
      }
      let address = Self.address(
        of: endpoint, advertisedHost: configuration.advertisedHost, requiresTLS: configuration.tls != nil)
      let schema = PostgresSchema(on: connection)
      installed = try schema.install(schema: configuration.schema, address: address)
      try schema.updateFingerprints(fingerprints.all)
      fingerprints.notePublished()
      server.replaceUsers([installed.user: try SCRAMVerifier(password: installed.password)])
      for change in installed.changes { logger.info("\(change)") }
      link = DatabaseLink(
        dsn: configuration.dsn, answers: answers, fingerprints: fingerprints,
        cacheBytes: configuration.cacheBytes, logger: logger)
      try link.start()
      jobs = JobWorkers(dsn: configuration.dsn, name: nil, pool: pool, logger: logger)
      try jobs.start(count: configuration.jobThreads)
    } catch {
      server.stop(grace: .zero)
      throw error
    }
    self.server = server
    self.service = service
    self.pool = pool
    endpoints = server.endpoints
    startClock()
    logger.info(
      "serving", metadata: ["schema": "\(installed.schema)", "address": "\(server.endpoints)"])
  }

  /// Lets running calls finish for `grace`, then cancels them; writes the answers that wait and ends.
  public func stop(grace: Duration = .seconds(5)) {
    if grace > .zero { service.prepareToStop(milliseconds: 200) }
    server.stop(grace: grace)
    isStopping.store(true, ordering: .releasing)
    jobs.stop()
    pool.stop()
    link.stop()
  }

  /// Answers long polls and ends overdue calls, on a thread of its own.
  private func startClock() {
    _ = WorkerThread.start { [self] in
      while !isStopping.load(ordering: .acquiring) {
        MonotonicClock.sleep(milliseconds: 10)
        service.tick()
      }
    }
  }

  private static func address(
    of endpoint: WireEndpoint, advertisedHost: String?, requiresTLS: Bool
  ) -> BridgeAddress {
    switch endpoint {
    case .tcp(let host, let port):
      return BridgeAddress(host: advertisedHost ?? host, port: port, requiresTLS: requiresTLS)
    case .unixSocket(let path, _):
      // libpq wants the folder and the port of folder/.s.PGSQL.port.
      let parts = path.split(separator: "/", omittingEmptySubsequences: false)
      let port = parts.last?.split(separator: ".").last.flatMap { Int($0) } ?? Bridge.defaultPort
      return BridgeAddress(
        host: advertisedHost ?? parts.dropLast().joined(separator: "/"), port: port, requiresTLS: false)
    }
  }

  /// The number of sessions, for a service that is made before its server.
  private final class SessionCount: Sendable {
    let server = Guarded<WireServer?>(nil)
    var value: Int { server.withLock { $0?.sessionCount ?? 0 } }
  }
}
