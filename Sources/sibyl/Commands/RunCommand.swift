import ArgumentParser
import Diagnostics
import Functions
import ResultCache
import SQLiteExtension
import Threads

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

extension OutputFormat: ExpressibleByArgument {}

/// `sibyl run`
struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Run SQL on a database or on CSV files, AI calls in large batches.",
    usage: """
      sibyl run DATABASE SQL
      sibyl run --csv FILE [--csv FILE …] [DATABASE] SQL
      sibyl run --dsn ADDRESS SQL
      """,
    discussion: """
      Every AI call that a statement makes is computed in batches before the statement runs; the answers are \
      kept in the cache, so a run that was stopped goes on where it was, and a second run is fast.

      A CSV file becomes a table named after it (reviews.csv: reviews); its first line names the columns. A \
      column whose values are all numbers is INTEGER or REAL, any other TEXT; an empty field is NULL, "" the \
      empty text. With a DATABASE, the table is temporary: what should stay is written with CREATE TABLE … AS.

      With --dsn, the statement runs in a PostgreSQL database, where sibyl bridge has installed the functions; \
      where no bridge is running, this command is one while it lasts. It first runs in a transaction that is \
      rolled back, to see what it asks, and then for good.

      Conditions without AI calls are looked at before those with them, whatever their order, so that no model is \
      asked about rows that other conditions turn away.

      --max-calls and --max-seconds end the work before it costs more. The statement is then not run, what was \
      computed is kept, and the same command goes on behind it; the exit status is 75.

      --report writes one HTML page that needs nothing else: counts by answer, a histogram of confidences, the \
      throughput, and the slowest and the least confident rows. It holds texts of the data.

      In CSV and JSON output, blobs are hexadecimal digits.

      Examples:
        sibyl run reviews.db "CREATE TABLE mood AS SELECT id, ai_sentiment(body) AS mood FROM reviews"
        sibyl run --csv reviews.csv "SELECT ai_sentiment(body) AS mood, count(*) FROM reviews GROUP BY 1"
        sibyl run reviews.db --file report.sql --output json > report.json
      """)

  @Argument(
    help: ArgumentHelp(
      "The database and the SQL; - reads the SQL from standard input. With --csv, the database may be left out.",
      valueName: "database> <sql"))
  var arguments: [String] = []

  @Option(name: .shortAndLong, help: "Read the SQL from a file.")
  var file: String?

  @Option(
    help: ArgumentHelp(
      "Make a table of a CSV file; - is standard input. May be given several times.", valueName: "file"))
  var csv: [String] = []

  @Option(help: "What separates fields in the CSV files: one character, or tab.")
  var delimiter = ","

  @Option(
    help: ArgumentHelp(
      "A PostgreSQL database instead of a file, as postgresql://… or \"host=… dbname=…\".",
      valueName: "address"))
  var dsn: String?

  @Option(name: .shortAndLong, help: "How rows are printed: table, csv, json or markdown.")
  var output = OutputFormat.table

  @Flag(help: "Make the database when there is none at the path.")
  var create = false

  @Flag(help: "Compute each AI call when SQLite makes it, not in batches: slower, for comparison.")
  var rowByRow = false

  @Option(help: ArgumentHelp("Compute at most so many AI calls, and then stop.", valueName: "number"))
  var maxCalls: Int?

  @Option(help: ArgumentHelp("Stop computing AI calls after so many seconds.", valueName: "seconds"))
  var maxSeconds: Double?

  @Option(
    help: ArgumentHelp(
      "Write a page about the run: answers, confidence, throughput, the rows to look at.", valueName: "file"))
  var report: String?

  @Flag(name: .shortAndLong, help: "No progress bar and no summary on standard error.")
  var quiet = false

  /// What the positional arguments mean, given the options.
  struct Plan {
    var database: String?
    var sql: String?
  }

  func plan() throws -> Plan {
    if dsn != nil {
      guard maxCalls == nil, maxSeconds == nil else {
        throw ValidationError(
          "--max-calls and --max-seconds are for SQLite databases; in PostgreSQL, a job can be paused.")
      }
      guard report == nil else {
        throw ValidationError("--report is for SQLite databases, not for --dsn.")
      }
      guard csv.isEmpty, !create, !rowByRow else {
        throw ValidationError("--csv, --create and --row-by-row are for SQLite databases, not for --dsn.")
      }
      switch (arguments.count, file == nil) {
      case (1, true): return Plan(database: nil, sql: arguments[0])
      case (0, false): return Plan(database: nil, sql: nil)
      default: throw ValidationError("SQL is expected, and nothing else: sibyl run --dsn ADDRESS SQL")
      }
    }
    switch (arguments.count, file == nil) {
    case (2, true): return Plan(database: arguments[0], sql: arguments[1])
    case (1, true) where !csv.isEmpty: return Plan(database: nil, sql: arguments[0])
    case (1, false): return Plan(database: arguments[0], sql: nil)
    case (0, false) where !csv.isEmpty: return Plan(database: nil, sql: nil)
    case (1, true):
      throw ValidationError("A database and SQL are expected: sibyl run DATABASE SQL")
    case (0, _):
      throw ValidationError(
        file == nil
          ? "A database and SQL are expected: sibyl run DATABASE SQL"
          : "A database is expected: sibyl run DATABASE --file FILE")
    default:
      throw ValidationError(
        "Too many arguments: after the database, the SQL is one argument; put it in quotation marks.")
    }
  }

  func validate() throws {
    let plan = try plan()
    _ = try delimiterByte()
    if let maxCalls, maxCalls < 1 { throw ValidationError("--max-calls must be at least 1.") }
    if let maxSeconds, !(maxSeconds > 0) { throw ValidationError("--max-seconds must be above 0.") }
    if rowByRow, maxCalls != nil || maxSeconds != nil {
      throw ValidationError("--max-calls and --max-seconds need batches; leave out --row-by-row.")
    }
    if plan.sql == "-", csv.contains("-") {
      throw ValidationError("Standard input can't be both the SQL and a CSV file.")
    }
  }

  private func delimiterByte() throws -> UInt8 {
    if delimiter == "tab" || delimiter == "\\t" { return 9 }
    guard delimiter.utf8.count == 1, let byte = delimiter.utf8.first, byte >= 0x20 || byte == 9,
      byte != UInt8(ascii: "\"")
    else { throw ValidationError("--delimiter takes one ASCII character, or tab; got \"\(delimiter)\".") }
    return byte
  }

  func run() throws {
    signal(SIGPIPE, SIG_IGN)
    let interruption = Interruption()
    interruption.listen()
    let errors = TerminalStyle(descriptor: 2)
    let isFinished: Bool
    do throws(SibylError) {
      isFinished = try run(interruption, errors)
    } catch {
      ResultCache.shared.flush()
      if interruption.isRequested {
        ResultCache.writeToStandardError(
          "Interrupted. What was computed is in the cache: run the same command again to go on.")
        throw ExitCode(interruption.exitStatus)
      }
      ResultCache.writeToStandardError("\(errors.red("error:")) \(error.message)")
      throw ExitCode(1)
    }
    ResultCache.shared.flush()
    if !isFinished { throw ExitCode(Self.unfinishedStatus) }
  }

  /// Says that the budget is spent, and how to go on.
  private func tell(_ report: ReplayReport) {
    let option =
      report.stoppedBy == .calls ? "--max-calls \(maxCalls ?? 0)" : "--max-seconds \(maxSeconds ?? 0)"
    ResultCache.writeToStandardError(
      "Stopped at \(option): \(NumberText.grouped(report.counts.computed)) AI calls were computed and are kept, at least "
        + "\(NumberText.grouped(report.left)) are left; the statement was not run. Run the same command again to go "
        + "on, or without \(option.prefix { $0 != " " }) to finish.")
  }

  /// sysexits.h, EX_TEMPFAIL: not done, and no error; try again.
  private static let unfinishedStatus: Int32 = 75

  private func run(_ interruption: Interruption, _ errors: TerminalStyle) throws(SibylError) -> Bool {
    let start = MonotonicClock.seconds
    guard let plan = try? plan(), let delimiter = try? delimiterByte() else {
      throw SibylError(.internalFault, "The arguments were not validated.")
    }
    let sql = try readSQL(plan)
    if let dsn {
      let runner = PostgresRunner(
        dsn: dsn, output: ByteOutput(descriptor: 1), format: output, style: TerminalStyle(descriptor: 1),
        bar: ProgressBar(isVisible: !quiet && isatty(2) != 0, style: errors), interruption: interruption)
      try runner.run(sql)
      if !quiet {
        ResultCache.writeToStandardError(
          errors.dim(runner.summary.line(seconds: MonotonicClock.seconds - start)))
      }
      return true
    }
    let location: Database.Location =
      switch plan.database {
      case nil: .temporary
      case let path? where create || !csv.isEmpty: .newFile(path)
      case let path?: .file(path)
      }
    let database = try Database(location)
    if !quiet { database.session.trainingObserver = SessionTrainingLine() }
    interruption.watch(database.connection)
    defer { interruption.watch(nil) }

    for path in csv {
      let table = try CSVTable(path: path, delimiter: delimiter)
      try table.load(into: database.connection, schema: plan.database == nil ? "main" : "temp")
    }
    let reportFile = try report.map { (path) throws(SibylError) in try ReportFile(path: path) }
    let output = ByteOutput(descriptor: 1)
    let runner = StatementRunner(
      database, isBatched: !rowByRow, output: output, format: self.output,
      style: TerminalStyle(descriptor: 1),
      bar: ProgressBar(isVisible: !quiet && isatty(2) != 0, style: errors), interruption: interruption,
      budget: BudgetMeter(WorkBudget(maximumCalls: maxCalls, maximumSeconds: maxSeconds)),
      record: reportFile?.record)
    do throws(SibylError) {
      try runner.run(sql)
    } catch {
      // Rows that were printed before the error stay printed.
      try? output.flush()
      throw error
    }
    try reportFile?.write(
      sql: sql, database: plan.database ?? csv.joined(separator: ", "), summary: runner.summary,
      seconds: MonotonicClock.seconds - start)
    if let stopped = runner.stopped {
      tell(stopped)
      return false
    }
    if !quiet && !output.isReaderGone {
      for cascade in runner.summary.cascades {
        ResultCache.writeToStandardError(errors.dim(cascade.line))
      }
      ResultCache.writeToStandardError(
        errors.dim(runner.summary.line(seconds: MonotonicClock.seconds - start)))
    }
    return true
  }

  private func readSQL(_ plan: Plan) throws(SibylError) -> String {
    if let sql = plan.sql, sql != "-" { return sql }
    let path = plan.sql == nil ? file ?? "-" : "-"
    let descriptor = path == "-" ? 0 : open(path, O_RDONLY | O_CLOEXEC)
    defer { if descriptor > 0 { close(descriptor) } }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = descriptor < 0 ? -1 : read(descriptor, &buffer, buffer.count)
      if count < 0 && descriptor >= 0 && errno == EINTR { continue }
      guard count >= 0 else {
        throw SibylError(
          .unavailable, "The SQL in \(path) can't be read: \(String(cString: strerror(errno))).")
      }
      if count == 0 { break }
      bytes.append(contentsOf: buffer[..<count])
    }
    guard let sql = String(validating: bytes, as: UTF8.self) else {
      throw SibylError(.invalidArgument, "The SQL in \(path) is not UTF-8 text.")
    }
    return sql
  }
}
