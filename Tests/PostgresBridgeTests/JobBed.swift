import Foundation
import PostgresClient
import PostgresTestSupport
import Testing

/// A database with a bridge, for tests of jobs and of columns that are kept fresh.
struct JobBed {
  let bed: EndToEnd
  let connection: PostgresConnection

  init(_ bed: EndToEnd, _ connection: PostgresConnection) {
    self.bed = bed
    self.connection = connection
  }

  /// - Parameter options: of the bridge.
  init(options: [String] = []) throws {
    bed = try EndToEnd(on: try ThrowawayPostgres.shared.get(), options: options)
    connection = try bed.connect()
  }

  /// A table of short distinct texts: `id bigint PRIMARY KEY, body text`.
  func makeTexts(_ table: String, _ count: Int) throws {
    try connection.runScript(
      """
      CREATE TABLE \(table) (id bigint PRIMARY KEY, body text);
      INSERT INTO \(table) SELECT i, (ARRAY['What a lovely lamp, number ', 'An awful lamp with the number ',
        'The lamp has the number '])[i % 3 + 1] || i FROM generate_series(1, \(count)) AS i
      """)
  }

  /// Runs statements whose answers do not matter, in one transaction.
  func run(_ script: String) throws { try connection.runScript(script) }

  func value(_ sql: String) throws -> String? { try connection.value(sql) }

  /// Waits until a job is in a state.
  func wait(_ job: String, _ state: String = "finished", _ location: SourceLocation = #_sourceLocation) throws
  {
    let isSo = try eventually { try self.state(of: job) == state }
    let found = try self.state(of: job) ?? "not there"
    #expect(isSo, "the job is \(found): \(bed.bridge.log.suffix(2_000))", sourceLocation: location)
  }

  func state(of job: String) throws -> String? {
    try connection.value("SELECT state FROM sibyl.jobs WHERE name = $1", [.text(job)])
  }

  /// Waits until a column has nothing to do.
  func waitUntilFresh(_ column: String, _ location: SourceLocation = #_sourceLocation) throws {
    let isSo = try eventually {
      try connection.value("SELECT pending FROM sibyl.columns WHERE column_name = $1", [.text(column)]) == "0"
    }
    let row = try connection.query("SELECT * FROM sibyl.columns WHERE column_name = $1", [.text(column)]).rows
    #expect(isSo, "the column does not get fresh: \(row)", sourceLocation: location)
  }
}
