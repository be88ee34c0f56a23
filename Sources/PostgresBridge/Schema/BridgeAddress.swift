/// Where PostgreSQL finds the bridge.
public struct BridgeAddress: Hashable, Sendable, CustomStringConvertible {
  /// A name or an address; where it begins with a slash, the folder of a Unix socket. As the database server
  /// sees it, which need not be this machine.
  public let host: String
  public let port: Int
  /// Whether the connection must be encrypted; for anything but loopback and Unix sockets.
  public let requiresTLS: Bool

  public init(host: String, port: Int, requiresTLS: Bool = false) {
    self.host = host
    self.port = port
    self.requiresTLS = requiresTLS
  }

  public var description: String { host.hasPrefix("/") ? "\(host)/.s.PGSQL.\(port)" : "\(host):\(port)" }

  /// The options of the foreign server through which dblink connects.
  var serverOptions: [(name: String, value: String)] {
    [
      ("host", host), ("port", String(port)), ("dbname", "sibyl"),
      ("sslmode", requiresTLS ? "require" : "disable"),
      // The bridge knows no Kerberos; asking it first would cost a round trip.
      ("gssencmode", "disable"), ("connect_timeout", "5"), ("application_name", "sibyl session"),
    ]
  }
}
