import PostgresClient
import PostgresTestSupport

enum PgvectorExtension {
  /// Whether the server that tests start could make the extension.
  static let isInstalled =
    (try? ThrowawayPostgres.shared.get().connect().query(
      "SELECT 1 FROM pg_available_extensions WHERE name = 'vector'"
    ).first) == "1"
}
