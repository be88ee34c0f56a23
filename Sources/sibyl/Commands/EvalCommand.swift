import ArgumentParser
import Diagnostics
import Functions
import ResultCache
import SQLiteExtension

/// `sibyl eval`
struct EvalCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "eval",
    abstract: "How accurate predictions are, and whether that has changed.",
    discussion: """
      The statement gives the prediction, the right label and, if there is one, the probability that the prediction \
      claims for itself. Every measurement is kept in the database's table sibyl_evaluations under its name, and \
      compared with the one before.

      Examples:
        sibyl eval reviews.db "SELECT ai_sentiment(body), mood FROM labelled"
        sibyl eval --name prompts --output json tickets.db "SELECT ai_classify(body, '[\\"bug\\",\\"wish\\"]'), label FROM t"
      """)

  @Argument(help: "The database.")
  var database: String

  @Argument(help: "One SELECT of two or three columns.")
  var sql: String

  @Option(help: "What the measurement is of: only those of one name are compared.")
  var name = "default"

  @Flag(inversion: .prefixedNo, help: "Keep the figures in the database.")
  var history = true

  @Option(name: .shortAndLong, help: "How the answer is printed: table, csv, json or markdown.")
  var output = OutputFormat.table

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
    let database = try Database(.file(database))
    interruption.watch(database.connection)
    defer { interruption.watch(nil) }
    let report = try EvaluationReport(of: sql, on: database.session)
    var previous: EvaluationHistory.Entry?
    if history {
      let kept = try EvaluationHistory(database)
      previous = try kept.latest(name)
      try kept.add(report, name: name, sql: sql)
    }
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
}
