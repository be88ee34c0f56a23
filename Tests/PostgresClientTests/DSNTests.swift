import PostgresClient
import Testing

/// What a connection string says, and what of it is told.
@Suite struct DSNTests {
  @Test(arguments: [
    (
      "postgresql://me:secret@db.example:5433/shop?sslpassword=secret", "postgresql://me@db.example:5433/shop"
    ),
    ("postgres://db.example/shop?password=secret", "postgresql://db.example/shop"),
    (
      "host=/run/postgresql user=me password='se cret' dbname=shop",
      "postgresql://me@%2Frun%2Fpostgresql/shop"
    ),
    ("dbname=shop", "postgresql:///shop"), ("service=mine password=secret", "service=mine"),
    ("", "the database that the environment names (PGHOST, PGDATABASE, …)"),
  ]) func descriptions(text: String, description: String) throws {
    #expect(try PostgresDSN(text).description == description)
  }

  @Test func parts() throws {
    let dsn = try PostgresDSN("postgresql://me:secret@db.example:5433/shop")
    #expect(dsn.host == "db.example" && dsn.port == "5433" && dsn.user == "me" && dsn.database == "shop")
    #expect(try PostgresDSN("hostaddr=::1").host == "::1")
  }

  @Test(arguments: [
    "shop", "postgresql://me:hunter2@[::1/shop", "password = hunter2 hunter2", "host=a password='hunter2",
    "postgresql://a/b?passwort=hunter2", "nonsense=1",
  ]) func faults(text: String) {
    let error = #expect(throws: PostgresError.self) { try PostgresDSN(text) }
    #expect(error?.error.message.hasPrefix("the DSN can't be read") == true)
    #expect(error?.error.message.contains("expected postgresql://user@host:port/database") == true)
    #expect(error?.description.contains("hunter2") == false)
  }
}
