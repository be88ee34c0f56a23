/// Where a server listens.
public enum WireEndpoint: Hashable, Sendable, CustomStringConvertible {
  /// A host's name or address, and a port; port 0 takes a free one.
  case tcp(host: String, port: Int)
  /// A Unix socket by its whole path, and its file's permissions: `0o600` lets its owner in, `0o666` all.
  case unixSocket(path: String, mode: UInt16)

  /// A Unix socket named as libpq looks for it: `host=<folder> port=<port>` finds `<folder>/.s.PGSQL.<port>`.
  public static func unixSocket(folder: String, port: Int, mode: UInt16 = 0o600) -> WireEndpoint {
    let slash = folder.hasSuffix("/") ? "" : "/"
    return .unixSocket(path: "\(folder)\(slash).s.PGSQL.\(port)", mode: mode)
  }

  public var description: String {
    switch self {
    case .tcp(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    case .unixSocket(let path, _): path
    }
  }
}
