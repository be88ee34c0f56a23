/// How a server is set up.
public struct WireServerConfiguration: Sendable {
  /// Where to listen; one place at least. Addresses that other machines can reach need `tls`.
  public var endpoints: [WireEndpoint]
  /// Who may log in.
  public var users: [String: SCRAMVerifier]
  /// Nil serves loopback addresses and Unix sockets only, without encryption.
  public var tls: WireTLS?
  /// Sessions at a time; further clients are refused with SQLSTATE 53300.
  public var maximumConnections = 200
  /// Bytes of one message, that is of a query string or of a statement's parameters together; up to 1 GiB.
  public var maximumMessageBytes = 64 << 20
  /// Elements of all arrays of one statement.
  public var maximumArrayElements = 2_000_000
  /// How long a client may take to log in.
  public var authenticationTimeout: Duration = .seconds(10)
  /// Threads that carry messages; the service's work is done elsewhere, so one is enough.
  public var eventLoopThreads = 1
  /// What clients are told of the server's version; drivers read its first number.
  public var serverVersion = "15.0"

  public init(endpoints: [WireEndpoint], users: [String: SCRAMVerifier]) {
    self.endpoints = endpoints
    self.users = users
  }
}
