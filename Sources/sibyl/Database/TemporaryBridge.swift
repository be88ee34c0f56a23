import CSQLite
import Diagnostics
import Logging
import PostgresBridge
import PostgresClient

/// A bridge that lasts as long as one command, for a PostgreSQL database where none answers.
struct TemporaryBridge {
  private let bridge: Bridge?

  /// Starts one, where none answers; installs the functions where they are missing.
  init(_ dsn: PostgresDSN, command: String) throws(PostgresError) {
    let connection = try PostgresConnection(dsn, applicationName: command)
    let isInstalled = try connection.query("SELECT to_regproc('sibyl.health') IS NOT NULL").first == "t"
    if isInstalled, try connection.query("SELECT ok FROM sibyl.health()").first == "t" {
      bridge = nil
      return
    }
    do throws(SibylError) {
      guard csqlite_use_linked_library() != 0 else {
        throw SibylError(.unavailable, "this program's SQLite library could not be started")
      }
      var logger = Logger(label: "sibyl.run") { StreamLogHandler.standardError(label: $0) }
      logger.logLevel = .warning
      var configuration = Bridge.Configuration(dsn: dsn, logger: logger)
      configuration.endpoints = [.tcp(host: "127.0.0.1", port: 0)]
      // The schema in which the functions are stays what it is.
      if isInstalled, let schema = try? connection.query("SELECT schema FROM sibyl.installation").first {
        configuration.schema = schema
      }
      bridge = try Bridge.start(configuration)
    } catch { throw PostgresError(error) }
  }

  func stop() { bridge?.stop(grace: .zero) }
}
