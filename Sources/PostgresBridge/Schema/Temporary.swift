import PostgresClient
public struct BridgeAddress: Hashable, Sendable { init(host: String, port: Int, requiresTLS: Bool = false) {} }
public struct InstalledBridge: Sendable { var user = ""; var password = ""; var schema = ""; var changes: [String] = [] }
public struct Installation {}
public struct PostgresSchema { public init(on connection: PostgresConnection) throws(PostgresError) {}
  public func install(schema: String = "public", address: BridgeAddress, rotatesPassword: Bool = false) throws(PostgresError) -> InstalledBridge { InstalledBridge() }
  public func uninstall(cascade: Bool = false) throws(PostgresError) -> [String] { [] }
  public func installation() throws(PostgresError) -> Installation? { nil }
  public func updateFingerprints(_ fingerprints: [(function: String, fingerprint: [UInt8])]) throws(PostgresError) {}
  public func storeAnswers(_ answers: [(key: [UInt8], answer: String?)]) throws(PostgresError) -> Int { 0 }
  public func trimCache(maximumBytes: Int) throws(PostgresError) -> Int { 0 }
}
public enum PostgresCacheKey {
  public enum Argument: Sendable { case null, text(String), embedding(String) }
  public static func key(fingerprint: [UInt8], arguments: [Argument]) -> [UInt8] { [] }
}
