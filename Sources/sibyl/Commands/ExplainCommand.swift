import ArgumentParser
import Diagnostics
import Functions
import ResultCache
import SQLiteExtension

/// `sibyl explain`
struct ExplainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain",
    abstract: "What the AI calls of a statement would cost, before they are made.",
    discussion: """
      Reads the rows once, changes nothing, and computes only a small sample, whose answers are kept. Tokens are those \
      that models read of the rows' texts; what they write is in the seconds.

      Examples:
        sibyl explain reviews.db "SELECT ai_sentiment(body), count(*) FROM reviews GROUP BY 1"
        sibyl explain --exact --output json reviews.db "CREATE TABLE s AS SELECT ai_summarize(body) FROM articles"
      """)

  @Argument(help: "The database.")
  var database: String

  @Argument(help: "One statement.")
  var sql: String

  @Flag(help: "Count the tokens of all calls, not of a sample.")
  var exact = false

  @Option(name: .shortAndLong, help: "How the answer is printed: table, csv, json or markdown.")
  var output = OutputFormat.table

  func run() throws {
    let interruption = Interruption()
    interruption.listen()
    do throws(SibylError) {
      try explain(interruption)
    } catch {
      ResultCache.shared.flush()
      ResultCache.writeToStandardError(
        interruption.isRequested ? "Interrupted." : "error: \(error.message)")
      throw ExitCode(interruption.isRequested ? interruption.exitStatus : 1)
    }
    ResultCache.shared.flush()
  }

  private func explain(_ interruption: Interruption) throws(SibylError) {
    let database = try Database(.file(database))
    interruption.watch(database.connection)
    defer { interruption.watch(nil) }
    var script = try Script(sql)
    guard let statement = try script.next(on: database.connection) else {
      throw SibylError(.invalidArgument, "There is no statement to explain.")
    }
    if try script.next(on: database.connection) != nil {
      throw SibylError(.invalidArgument, "One statement is expected; explain several one by one.")
    }
    let text = PredicateOrder.improved(statement.sql) ?? statement.sql
    guard let query = StatementAnalysis(text).queryPart else {
      throw SibylError(
        .invalidArgument,
        "Only SELECT, INSERT … SELECT, UPDATE, DELETE and CREATE TABLE AS read rows; this statement has nothing to explain."
      )
    }
    let estimate = try Replay(database.session).explain(
      query, isExact: exact, observer: ExplainObserver(interruption))
    let output = ByteOutput(descriptor: 1)
    if self.output == .json {
      output.write(estimate.json.serialized() + "\n")
    } else {
      var writer = self.output.makeWriter(style: TerminalStyle(descriptor: 1))
      try CostTable.write(estimate, to: &writer, output)
      if self.output == .table { output.write(CostTable.summary(estimate)) }
    }
    try output.flush()
  }
}

/// Lets Ctrl-C end the reading; an estimate draws no bar.
private final class ExplainObserver: ReplayObserver {
  private let interruption: Interruption

  init(_ interruption: Interruption) { self.interruption = interruption }

  var isCancelled: Bool { interruption.isRequested }

  func passBegins() {}
  func rowIsKnown(_ statement: OpaquePointer) {}
  func progress(_ progress: ReplayProgress) {}
}
