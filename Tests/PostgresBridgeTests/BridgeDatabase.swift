import Foundation
import PostgresBridge
import PostgresClient
import PostgresTestSupport

/// A database of its own on the shared server, for one test.
final class BridgeDatabase {
  /// Where nothing listens: what is asked of the bridge fails.
  static let nowhere = BridgeAddress(host: "127.0.0.1", port: 1)

  let server: ThrowawayPostgres
  let name: String
  let connection: PostgresConnection

  init(encoding: String = "UTF8") throws {
    server = try ThrowawayPostgres.shared.get()
    name = try server.makeDatabase(encoding: encoding)
    connection = try server.connect(database: name)
  }

  var schema: PostgresSchema { PostgresSchema(on: connection) }

  /// Another session of a superuser, or of another user.
  func connect(as user: String = "postgres") throws -> PostgresConnection {
    try server.connect(database: name, user: user)
  }

  @discardableResult func install(
    schema: String = "public", address: BridgeAddress = nowhere
  ) throws -> InstalledBridge {
    try self.schema.install(schema: schema, address: address)
  }

  /// The only value of a query.
  func value(_ sql: String, _ parameters: [PostgresParameter] = []) throws -> String? {
    try connection.query(sql, parameters).first
  }

  /// A role that may log in, made once for all tests of the server.
  func role(_ name: String) throws -> String {
    // Several tests may want it at once.
    _ = try? connection.query("CREATE ROLE \(name) LOGIN")
    return name
  }

  /// Fingerprints for all functions that have a cache, so that keys can be told: each is its name's letters,
  /// filled up.
  static func fingerprint(_ function: String) -> [UInt8] {
    Array((Array(function.utf8) + Array(repeating: 7, count: 32)).prefix(32))
  }

  func fingerprintAll() throws {
    try schema.updateFingerprints(
      [
        "ai_classify", "ai_embed", "ai_score", "ai_sentiment", "ai_sentiment_score", "ai_similarity",
        "ai_agg",
      ].map {
        ($0, Self.fingerprint($0))
      })
  }

  /// Puts an answer into the cache under the key that a call must have.
  func cache(_ function: String, _ arguments: [PostgresCacheKey.Argument], _ answer: String?) throws {
    try schema.storeAnswers([
      (PostgresCacheKey.key(fingerprint: Self.fingerprint(function), arguments: arguments), answer)
    ])
  }

  func cache(_ function: String, _ arguments: [String?], _ answer: String?) throws {
    try cache(function, arguments.map { $0.map(PostgresCacheKey.Argument.text) ?? .null }, answer)
  }

  /// Everything in the database that an installation could touch, one line an object.
  func contents() throws -> [String] {
    try connection.query(
      """
      SELECT 'schema ' || nspname || ' ' || coalesce(nspacl::text, '') || coalesce(obj_description(oid), '')
      FROM pg_namespace WHERE nspname !~ '^pg_'
      UNION ALL SELECT 'function ' || p.oid::regprocedure || md5(pg_get_functiondef(p.oid)) || coalesce(proacl::text, '')
      FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = pronamespace
      WHERE nspname !~ '^pg_|information_schema' AND prokind <> 'a'
      UNION ALL SELECT 'aggregate ' || p.oid::regprocedure || aggtransfn || aggfinalfn || coalesce(proacl::text, '')
      FROM pg_aggregate JOIN pg_proc AS p ON p.oid = aggfnoid JOIN pg_namespace AS n ON n.oid = pronamespace
      WHERE nspname !~ '^pg_|information_schema'
      UNION ALL SELECT 'relation ' || c.oid::regclass || coalesce(relacl::text, '')
      FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = relnamespace WHERE nspname !~ '^pg_|information_schema'
      UNION ALL SELECT 'extension ' || extname || extnamespace::regnamespace FROM pg_extension
      UNION ALL SELECT 'server ' || srvname FROM pg_foreign_server
      UNION ALL SELECT 'mapping ' || srvname || usename FROM pg_user_mappings
      UNION ALL SELECT 'type ' || t.oid::regtype FROM pg_type AS t JOIN pg_namespace AS n ON n.oid = typnamespace
      WHERE nspname !~ '^pg_|information_schema'
      ORDER BY 1
      """
    ).rows.map { $0[0] ?? "" }
  }
}
