import Diagnostics
import Foundation
import Logging
import PostgresWire
import Threads

/// A server on a free loopback port with the test service behind it.
struct TestServer {
  static let user = "tester"
  static let password = "correct horse"

  let server: WireServer
  let service: TestService
  let log: LogLines

  init(_ change: (inout WireServerConfiguration) -> Void = { _ in }) throws {
    service = TestService()
    log = LogLines()
    // One round of hashing keeps thousands of log-ins short; the default is tested apart.
    let verifier = try SCRAMVerifier(password: Self.password, iterations: 1)
    var configuration = WireServerConfiguration(
      endpoints: [.tcp(host: "127.0.0.1", port: 0)], users: [Self.user: verifier])
    change(&configuration)
    let lines = log
    var logger = Logger(label: "test") { _ in lines }
    logger.logLevel = .trace
    server = try WireServer.start(configuration, service: service, logger: logger)
  }

  var port: Int {
    for case .tcp(_, let port) in server.endpoints { return port }
    return 0
  }

  /// A client that has not sent anything yet.
  func connect() throws -> RawClient {
    try RawClient(port: port)
  }

  /// A client that is logged in.
  func login(_ settings: [(String, String)] = []) throws -> RawClient {
    let client = try connect()
    _ = try client.login(user: Self.user, password: Self.password, settings: settings)
    return client
  }
}

/// Keeps what was logged.
final class LogLines: LogHandler, Sendable {
  private let lines = Guarded<[String]>([])

  var all: [String] { lines.withLock { $0 } }

  func removeAll() {
    lines.withLock { $0 = [] }
  }

  func log(event: LogEvent) {
    lines.withLock { $0.append("\(event.level) \(event.message) \(event.metadata ?? [:])") }
  }

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { nil }
    set {}
  }

  var metadata: Logger.Metadata {
    get { [:] }
    set {}
  }

  var logLevel: Logger.Level {
    get { .trace }
    set {}
  }
}
