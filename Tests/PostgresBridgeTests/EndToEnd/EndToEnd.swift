import Foundation
import PostgresBridge
import PostgresClient
import PostgresTestSupport
import Testing

/// A database with the real bridge: what a user has after `sibyl bridge --dsn …`.
///
/// Threads: any may connect; what changes the bridge belongs to one.
final class EndToEnd: @unchecked Sendable {
  /// What most tests share. They must leave the bridge alone.
  static let shared = Result { try EndToEnd(on: try ThrowawayPostgres.shared.get()) }

  /// Why these tests can't run; nil where they can.
  static let obstacle: String? = {
    let obstacle: String? =
      if !PostgresPrograms.areInstalled {
        PostgresPrograms.installHint
      } else if !FileManager.default.isExecutableFile(atPath: BridgeProcess.command) {
        "\(BridgeProcess.command) is missing; run: make build"
      } else if !FileManager.default.fileExists(atPath: model + "/model.safetensors") {
        "minilm is not installed; run: make models"
      } else {
        nil
      }
    if let obstacle { print("SKIPPED: the end-to-end tests of the Postgres bridge: \(obstacle)") }
    return obstacle
  }()

  static var isPossible: Bool { obstacle == nil }

  /// The folder of the default model.
  static let model: String = {
    let variables = ProcessInfo.processInfo.environment
    let home =
      variables["SIBYL_HOME"] ?? (variables["XDG_DATA_HOME"] ?? NSHomeDirectory() + "/.local/share")
      + "/sibyl"
    return home + "/models/minilm"
  }()

  let server: ThrowawayPostgres
  let database: String
  /// A folder that lasts as long as the value: caches, files of tests.
  let folder: String
  var bridge: BridgeProcess

  /// Makes a database and starts a bridge in it.
  /// - Parameters:
  ///   - options: further options of the bridge.
  ///   - home: the folder of its models, where that is not the user's.
  init(on server: ThrowawayPostgres, options: [String] = [], home: String? = nil) throws {
    self.server = server
    database = try server.makeDatabase()
    folder = "/tmp/sibyl-end-to-end-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    bridge = try BridgeProcess(
      dsn: server.dsn(database: database), cache: folder + "/cache.sqlite3", options: options,
      environment: home.map { ["SIBYL_HOME": $0] } ?? [:])
  }

  /// With a server and a database on it that nothing else uses.
  convenience init(options: [String] = [], settings: [String] = []) throws {
    try self.init(on: try ThrowawayPostgres(settings: settings), options: options)
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  var dsn: String { server.dsn(database: database) }

  func dsn(as user: String) -> String { server.dsn(database: database, user: user) }

  /// The bridge itself, with the password that a superuser finds in the user mapping.
  var bridgeDSN: String {
    get throws {
      let password = try connect().value(
        """
        SELECT o.option_value FROM pg_user_mappings AS m, pg_options_to_table(m.umoptions) AS o
        WHERE m.srvname = 'sibyl_bridge' AND o.option_name = 'password'
        """)
      return
        "host=127.0.0.1 port=\(bridge.port) dbname=sibyl user=sibyl password=\(password ?? "") sslmode=disable"
    }
  }

  /// A new session.
  func connect(as user: String = "postgres") throws -> PostgresConnection {
    try server.connect(database: database, user: user)
  }

  /// Makes the tables `reviews` and `tickets` of the examples.
  func loadExamples() throws {
    let examples = BridgeProcess.package + "/examples"
    let ending = try ChildProcess.psql(
      dsn,
      [
        "-q", "-c",
        "CREATE TABLE reviews (id int PRIMARY KEY, product text, stars int, posted date, body text)",
        "-c", "\\copy reviews FROM '\(examples)/reviews.csv' CSV HEADER",
        "-c", "CREATE TABLE tickets (id int PRIMARY KEY, opened timestamp, priority text, body text)",
        "-c", "\\copy tickets FROM '\(examples)/tickets.csv' CSV HEADER",
      ]
    ).end()
    guard ending.status == 0 else { throw ChildProcess.Failure(description: ending.errors) }
  }

  /// Starts a bridge in the place of one that has ended, with the same cache.
  func restartBridge(options: [String] = [], listen: String = "127.0.0.1:0") throws {
    bridge = try BridgeProcess(dsn: dsn, cache: folder + "/cache.sqlite3", listen: listen, options: options)
  }

  /// A role that may log in and owns nothing, made once for all tests of a server.
  func role(_ name: String) throws -> String {
    _ = try? connect().query("CREATE ROLE \(name) LOGIN")
    return name
  }

  /// Waits until so many answers are in the database's cache.
  func waitForCachedAnswers(_ count: Int) throws {
    let connection = try connect()
    let isSo = try eventually { try connection.integer("SELECT count(*) FROM sibyl.cache") >= count }
    #expect(isSo, "the cache table did not get \(count) answers")
  }
}

extension PostgresConnection {
  /// The only value of a query that counts.
  func integer(_ sql: String, _ parameters: [PostgresParameter] = []) throws -> Int {
    Int(try query(sql, parameters).first ?? "") ?? -1
  }

  /// The only value of a query.
  func value(_ sql: String, _ parameters: [PostgresParameter] = []) throws -> String? {
    try query(sql, parameters).first
  }

  /// The error of a statement that must fail.
  func failure(
    _ sql: String, _ parameters: [PostgresParameter] = [], _ location: SourceLocation = #_sourceLocation
  ) -> PostgresError? {
    do throws(PostgresError) {
      try query(sql, parameters)
      Issue.record("it did not fail: \(sql)", sourceLocation: location)
      return nil
    } catch {
      return error
    }
  }
}

extension Trait where Self == ConditionTrait {
  /// Runs tests only where there are a server, the command line and the model.
  static var endToEnd: Self {
    .enabled(if: EndToEnd.isPossible, "\(EndToEnd.obstacle ?? "")")
  }
}
