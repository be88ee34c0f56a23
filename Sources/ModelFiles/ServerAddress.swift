import Diagnostics

/// The address of a server, `http://host:port/v1`: checked before anything is sent there.
public struct ServerAddress: Hashable, Sendable {
  /// As requests begin: without a slash at the end.
  public let text: String
  /// Host and port, for messages.
  public let host: String
  /// Whether what is sent is encrypted on the way.
  public let isEncrypted: Bool
  /// Whether the server is this machine.
  public let isLocal: Bool

  /// - Throws: `invalidArgument`: what an address must look like.
  public init(_ address: String) throws(SibylError) {
    func fault(_ sentence: String) -> SibylError {
      SibylError(
        .invalidArgument,
        "--openai must be an address such as http://localhost:8080/v1; this one \(sentence)")
    }
    guard address.utf8.count <= 1_024 else { throw fault("is longer than 1,024 bytes") }
    guard address.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\\") }) else {
      throw fault("has spaces or characters that addresses do not have")
    }
    let lowercase = address.lowercased()
    let scheme = ["https://", "http://"].first(where: lowercase.hasPrefix)
    guard let scheme else { throw fault("does not begin with http:// or https://") }
    let rest = address.dropFirst(scheme.count)
    let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
    guard !rest.contains("?"), !rest.contains("#") else {
      throw fault("has a query or a fragment; leave out what begins with \"?\" or \"#\"")
    }
    // What stands before an @ would be stored, and it is a secret.
    guard !authority.contains("@") else {
      throw fault("holds a name or a password; keys come from an environment variable (--key-variable)")
    }
    var path = rest.dropFirst(authority.count)
    while path.last == "/" { path.removeLast() }
    let name = Self.hostName(of: authority.lowercased())
    guard let name, !name.isEmpty else { throw fault("names no host") }
    // The usual place, where nobody says another.
    if path.isEmpty { path = "/v1" }
    text = scheme + authority.lowercased() + path
    host = authority.lowercased()
    isEncrypted = scheme == "https://"
    isLocal = name == "localhost" || name == "::1" || Self.isLoopback(name)
  }

  /// The host without its port; nil where the port is none.
  private static func hostName(of authority: String) -> String? {
    let name: Substring
    let port: Substring
    if authority.hasPrefix("[") {
      guard let end = authority.firstIndex(of: "]") else { return nil }
      name = authority[authority.index(after: authority.startIndex)..<end]
      port = authority[authority.index(after: end)...]
    } else {
      let end = authority.firstIndex(of: ":") ?? authority.endIndex
      name = authority[..<end]
      port = authority[end...]
    }
    guard port.isEmpty || (port.first == ":" && UInt16(port.dropFirst()).map { $0 > 0 } == true) else {
      return nil
    }
    return String(name)
  }

  /// 127.0.0.0/8, written out as four numbers.
  private static func isLoopback(_ name: String) -> Bool {
    let parts = name.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
  }
}
