import Diagnostics
import Logging
import NIOCore
import NIOPosix

/// A server that speaks PostgreSQL's protocol, version 3.0, and hands calls of functions to a service
/// (PostgreSQL documentation, "Frontend/Backend Protocol").
///
/// Sendable: any thread may use it. `start` and `stop` block, so they must not be called on an event loop.
public final class WireServer: Sendable {
  /// Where the server listens, with real ports.
  public let endpoints: [WireEndpoint]

  private let context: ServerContext
  private let group: MultiThreadedEventLoopGroup
  private let listeners: [Listener]

  private init(
    context: ServerContext, group: MultiThreadedEventLoopGroup, listeners: [Listener]
  ) {
    self.context = context
    self.group = group
    self.listeners = listeners
    endpoints = listeners.map(\.endpoint)
  }

  /// Starts to listen; clients are served when this returns.
  ///
  /// - Throws: `unavailable` where an address can't be listened on, `invalidArgument` where one needs TLS and
  ///   there is none, `corruptFile` where certificate or key can't be read.
  public static func start(
    _ configuration: WireServerConfiguration, service: any WireService, logger: Logger
  ) throws(SibylError) -> WireServer {
    let configuration = try checked(configuration)
    let context = ServerContext(
      configuration: configuration, service: service, users: UserDirectory(configuration.users),
      registry: ConnectionRegistry(maximumSessions: configuration.maximumConnections),
      tls: try configuration.tls.map { (tls) throws(SibylError) in try tls.makeContext() }, logger: logger)
    let group = MultiThreadedEventLoopGroup(numberOfThreads: configuration.eventLoopThreads)
    var listeners: [Listener] = []
    do throws(SibylError) {
      for endpoint in configuration.endpoints {
        listeners.append(try Listener.start(endpoint, context: context, group: group))
      }
    } catch {
      for listener in listeners { listener.stop() }
      try? group.syncShutdownGracefully()
      throw error
    }
    let server = WireServer(context: context, group: group, listeners: listeners)
    logger.info(
      "listening", metadata: ["endpoints": "\(server.endpoints.map(\.description).joined(separator: ", "))"])
    return server
  }

  private static func checked(
    _ configuration: WireServerConfiguration
  ) throws(SibylError) -> WireServerConfiguration {
    guard !configuration.endpoints.isEmpty else {
      throw SibylError(.invalidArgument, "A server needs one address at least to listen on; none was given.")
    }
    guard configuration.maximumConnections > 0, configuration.eventLoopThreads > 0,
      (10_000...1 << 30).contains(configuration.maximumMessageBytes), configuration.maximumArrayElements > 0
    else {
      throw SibylError(
        .invalidArgument,
        "The server's limits must be positive, and a message's from 10,000 bytes to 1 GiB; correct them.")
    }
    return configuration
  }

  /// Changes who may log in from now on; sessions that there are stay.
  public func replaceUsers(_ users: [String: SCRAMVerifier]) {
    context.users.replace(users)
  }

  /// Sessions that there are now.
  public var sessionCount: Int { context.registry.sessionCount }

  /// Stops: no more clients are taken, idle ones are told (57P01) and closed, and what runs may finish.
  ///
  /// Blocks until all connections are closed and all threads ended. Call it once.
  ///
  /// - Parameter grace: how long calls may go on; then they are cancelled, and a second later every
  ///   connection is closed.
  public func stop(grace: Duration = .seconds(5)) {
    for listener in listeners { listener.stop() }
    let loop = group.next()
    let empty = loop.makePromise(of: Void.self)
    for connection in context.registry.beginStop(whenEmpty: empty) {
      connection.execute { $0.beginStop() }
    }
    let registry = context.registry
    let graceAmount = grace.bounded
    let cancelling = loop.scheduleTask(in: graceAmount) {
      for connection in registry.connections { connection.execute { $0.cancelForStop() } }
    }
    let closing = loop.scheduleTask(in: graceAmount + .seconds(1)) {
      for connection in registry.connections { connection.execute { $0.close() } }
    }
    try? empty.futureResult.wait()
    cancelling.cancel()
    closing.cancel()
    try? group.syncShutdownGracefully()
    context.logger.info("stopped")
  }
}

extension Duration {
  /// The same time from now, but neither in the past nor later than in a day: sums of it can't overflow.
  var bounded: TimeAmount {
    TimeAmount(min(max(self, .zero), .seconds(86_400)))
  }
}
