import ArgumentParser
import Diagnostics
import ResultCache

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// `sibyl watch`
struct WatchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "watch",
    abstract: "Keep a column of AI answers up to date as rows change.",
    usage: """
      sibyl watch DATABASE TABLE EXPRESSION --into COLUMN [--table SIDE] [--once]
      sibyl watch DATABASE [--once] [--retry]
      sibyl watch DATABASE --list
      sibyl watch DATABASE --remove TABLE.COLUMN
      """,
    discussion: """
      The column belongs to the table itself, or with --table to another one with the same key; what is not there \
      is made. Triggers note which rows are inserted, changed or deleted. They are plain SQL, so that any program may \
      write to the table, with or without Sibyl; this command computes the noted rows in large batches and writes \
      them. Rows that are there already are noted at first.

      What is watched is kept in the database: sibyl watch DATABASE goes on with all of it, until Ctrl-C. With \
      --once it deals with what is noted and ends. Stopping it, in whatever way, loses nothing: notes wait.

      A row that fails keeps its error in the table sibyl_changes and does not stop the others; --retry computes it \
      again, and so does a change of the row. The table needs an INTEGER PRIMARY KEY.

      Examples:
        sibyl watch shop.db reviews "ai_sentiment(body)" --into mood
        sibyl watch shop.db reviews "ai_embed(title || ' ' || body)" --into embedding --table review_embeddings
        sibyl watch shop.db --once
      """)

  @Argument(
    help: ArgumentHelp(
      "The database; and for a new watch the table and an expression over its rows.",
      valueName: "database> [<table> <expression>]"))
  var arguments: [String] = []

  @Option(help: ArgumentHelp("The column that the values are written to.", valueName: "column"))
  var into: String?

  @Option(help: ArgumentHelp("Write to this table instead, under the same key.", valueName: "side"))
  var table: String?

  @Flag(help: "Deal with what is noted, and end.")
  var once = false

  @Flag(help: "Compute rows again that failed.")
  var retry = false

  @Flag(help: "Show what is watched, with the rows that wait and those that failed.")
  var list = false

  @Option(help: ArgumentHelp("End a watch; what it has written stays.", valueName: "table.column"))
  var remove: String?

  @Option(name: .shortAndLong, help: "How the list is printed: table, csv, json or markdown.")
  var output = OutputFormat.table

  @Flag(name: .shortAndLong, help: "Nothing on standard error but errors.")
  var quiet = false

  func validate() throws {
    let modes = [list, remove != nil, once || retry].filter { $0 }.count
    guard modes <= 1 else {
      throw ValidationError("--list, --remove and --once or --retry don't go together.")
    }
    switch arguments.count {
    case 1:
      guard into == nil, table == nil else {
        throw ValidationError(
          "--into and --table are for a new watch: sibyl watch DATABASE TABLE EXPRESSION --into COLUMN")
      }
    case 3:
      guard !list, remove == nil, !retry else {
        throw ValidationError("--list, --remove and --retry take a database and nothing else.")
      }
      guard let into, !into.isEmpty, table?.isEmpty != true else {
        throw ValidationError("--into COLUMN is missing: it names the column that the values are written to.")
      }
    default:
      throw ValidationError(
        "A database is expected, or a database, a table and an expression: "
          + "sibyl watch DATABASE TABLE EXPRESSION --into COLUMN")
    }
  }

  func run() throws {
    signal(SIGPIPE, SIG_IGN)
    let interruption = Interruption()
    interruption.listen()
    let errors = TerminalStyle(descriptor: 2)
    do throws(SibylError) {
      try run(interruption, errors)
    } catch {
      ResultCache.shared.flush()
      if interruption.isRequested {
        tell("Stopped. Rows that are noted wait for the next time.")
        // Ctrl-C is how watching ends; only work that was to be finished has failed.
        throw ExitCode(once ? interruption.exitStatus : 0)
      }
      ResultCache.writeToStandardError("\(errors.red("error:")) \(error.message)")
      throw ExitCode(1)
    }
    ResultCache.shared.flush()
  }

  private func run(_ interruption: Interruption, _ errors: TerminalStyle) throws(SibylError) {
    let database = try Database(.file(arguments[0]))
    interruption.watch(database.connection)
    defer { interruption.watch(nil) }
    let store = WatchStore(database: database, isCancelled: { interruption.isRequested })
    if list { return try printList(store) }
    if let remove {
      let watch = try store.watch(named: remove)
      try store.remove(watch)
      return tell("\(watch.name) is no longer watched; what was written stays.")
    }
    if arguments.count == 3, let into {
      let isNew = try store.define(
        source: arguments[1], expression: arguments[2], into: into, sideTable: table)
      if !isNew { tell("\(table ?? arguments[1]).\(into) is watched already, with this expression.") }
    }
    guard try !store.watches().isEmpty else {
      throw SibylError(
        .invalidArgument,
        "Nothing is watched in \(arguments[0]); say what: sibyl watch DATABASE TABLE EXPRESSION --into COLUMN"
      )
    }
    if retry { try store.retry() }
    let bar = ProgressBar(isVisible: !quiet && isatty(2) != 0, style: errors)
    let loop = try WatchLoop(store, interruption: interruption, bar: bar, tell: tell)
    try loop.run(endsWhenDone: once)
    tell(loop.summary)
    if loop.hasFaults {
      throw SibylError(.invalidArgument, "Not all that is noted could be computed.")
    }
  }

  private func printList(_ store: WatchStore) throws(SibylError) {
    let output = ByteOutput(descriptor: 1)
    var writer = self.output.makeWriter(style: TerminalStyle(descriptor: 1))
    try writer.begin(columns: ["watch", "of", "expression", "waiting", "failed"], to: output)
    for watch in try store.watches() {
      let count = try store.count(of: watch)
      try Cell.withTexts([watch.name, watch.source, watch.expression]) { (texts) throws(SibylError) in
        try writer.write(
          texts + [.integer(Int64(count.waiting)), .integer(Int64(count.failed))], to: output)
      }
    }
    try writer.end(to: output)
    try output.flush()
  }

  private func tell(_ text: String) {
    if !quiet { ResultCache.writeToStandardError(text) }
  }
}
