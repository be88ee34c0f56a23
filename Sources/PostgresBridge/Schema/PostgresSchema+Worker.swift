import Functions
import PostgresClient

extension PostgresSchema {
  /// Checks that the database holds what workers of this program talk to. A worker installs nothing.
  func requireCurrentVersion() throws(PostgresError) {
    guard try value("SELECT to_regclass('sibyl.schema_version') IS NOT NULL") == "t" else {
      throw PostgresError(
        sqlState: "55000",
        message:
          "sibyl is not installed in the database \"\(connection.database)\": start sibyl bridge there once")
    }
    let version = try value("SELECT max(version) FROM sibyl.schema_version").flatMap { Int($0) } ?? 0
    guard version >= Self.latestVersion else {
      throw PostgresError(
        sqlState: "55000",
        message:
          "Sibyl's tables in the database \"\(connection.database)\" have the version \(version), and this worker "
          + "needs \(Self.latestVersion): start this version's sibyl bridge there once")
    }
    guard version == Self.latestVersion else {
      throw PostgresError(
        sqlState: "55000",
        message:
          "Sibyl's tables in the database \"\(connection.database)\" have the version \(version), and this worker "
          + "knows versions up to \(Self.latestVersion): use the newer program that made them")
    }
  }

  /// Acts as the role that owns Sibyl's objects for the rest of the session, so that a superuser's worker may not do
  /// more than another.
  func actAsOwner() throws(PostgresError) {
    let owner = try connection.transaction { () throws(PostgresError) in try becomeOwner() }
    if let owner { try connection.query("SET ROLE \(SQLQuoting.identifier(owner))") }
  }
}
