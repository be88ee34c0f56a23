import ArgumentParser
import Diagnostics
import Functions
import PostgresClient
import ResultCache
import SQLiteExtension

/// `sibyl eval`
struct EvalCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "eval",
    abstract: "How accurate predictions are, and whether that has changed.",
    usage: """
      sibyl eval DATABASE SQL
      sibyl eval --dsn ADDRESS SQL
      """,
    discussion: """
      The statement gives the prediction, the right label and, if there is one, the probability that the prediction \
      claims for itself. Every measurement is kept under its name in the database (the table sibyl_evaluations, in \
      PostgreSQL sibyl.evaluations), and compared with the one before.

      With --dsn, the statement runs in a PostgreSQL database, as with sibyl run --dsn.

      Examples:
        sibyl eval reviews.db "SELECT ai_sentiment(body), mood FROM labelled"
        sibyl eval --name prompts --output json tickets.db "SELECT ai_classify(body, '[\\"bug\\",\\"wish\\"]'), label FROM t"
      """)

  @Argument(
    help: ArgumentHelp(
      "The SQLite database, unless --dsn names another one, and one SELECT of two or three columns.",
      valueName: "database> <sql"))
  var arguments: [String] = []

  @Option(help: ArgumentHelp("The address of a PostgreSQL database.", valueName: "address"))
  var dsn: String?

  @Option(help: "What the measurement is of: only those of one name are compared.")
  var name = "default"

  @Flag(inversion: .prefixedNo, help: "Keep the figures in the database.")
  var history = true

  @Option(name: .shortAndLong, help: "How the answer is printed: table, csv, json or markdown.")
  var output = OutputFormat.table

  func validate() throws {
    guard arguments.count == (dsn == nil ? 2 : 1) else {
      throw ValidationError(
        dsn == nil ? "A database and one SELECT are expected." : "One SELECT is expected beside --dsn.")
    }
  }

  func run() throws {
    let interruption = Interruption()
    interruption.listen()
    do throws(SibylError) {
      try evaluate(interruption)
    } catch {
      ResultCache.shared.flush()
      ResultCache.writeToStandardError(interruption.isRequested ? "Interrupted." : "error: \(error.message)")
      throw ExitCode(interruption.isRequested ? interruption.exitStatus : 1)
    }
    ResultCache.shared.flush()
  }

  private func evaluate(_ interruption: Interruption) throws(SibylError) {
    let (report, previous) = try dsn == nil ? measureSQLite(interruption) : measurePostgres(interruption)
    let output = ByteOutput(descriptor: 1)
    if self.output == .json {
      output.write(report.json.serialized() + "\n")
    } else {
      var writer = self.output.makeWriter(style: TerminalStyle(descriptor: 1))
      try EvaluationTable.write(report, to: &writer, output)
      if self.output == .table { output.write(EvaluationTable.summary(report, previous: previous)) }
    }
    try output.flush()
  }

  private typealias Measurement = (report: EvaluationReport, previous: EvaluationHistory.Entry?)

  private func measureSQLite(_ interruption: Interruption) throws(SibylError) -> Measurement {
    let database = try Database(.file(arguments[0]))
    interruption.watch(database.connection)
    defer { interruption.watch(nil) }
    let report = try EvaluationReport(of: arguments[1], on: database.session)
    guard history else { return (report, nil) }
    let kept = try EvaluationHistory(database)
    let previous = try kept.latest(name)
    try kept.add(report, name: name, sql: arguments[1])
    return (report, previous)
  }

  private func measurePostgres(_ interruption: Interruption) throws(SibylError) -> Measurement {
    let dsn: PostgresDSN
    let bridge: TemporaryBridge
    do throws(PostgresError) {
      dsn = try PostgresDSN(self.dsn ?? "")
      bridge = try TemporaryBridge(dsn, command: "sibyl eval")
    } catch { throw error.error }
    defer { bridge.stop() }
    let report = try EvaluationReport(
      of: arguments[0], on: PostgresQueryRows(dsn: dsn, interruption: interruption))
    guard history else { return (report, nil) }
    do throws(PostgresError) {
      let kept = try PostgresEvaluationHistory(dsn)
      let previous = try kept.latest(name)
      try kept.add(report, name: name, sql: arguments[0])
      return (report, previous)
    } catch {
      throw SibylError(
        error.error.kind, "\(error.error.message). The measurement was not kept; --no-history does without")
    }
  }
}
