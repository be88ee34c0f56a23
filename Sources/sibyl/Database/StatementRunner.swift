import CSQLite
import Diagnostics
import Functions
import SQLiteExtension

/// Runs statements, their AI calls in batches, and prints their rows.
final class StatementRunner {
  private let database: Database
  private let isBatched: Bool
  private let output: ByteOutput
  private let format: OutputFormat
  private let style: TerminalStyle
  private let bar: ProgressBar
  private let interruption: Interruption
  private let budget: BudgetMeter?
  private let record: RunRecord?
  private var hasPrinted = false

  private(set) var summary = RunSummary()
  /// What the replay says that the budget ended; the statement was not run, and no later one.
  private(set) var stopped: ReplayReport?

  init(
    _ database: Database, isBatched: Bool, output: ByteOutput, format: OutputFormat, style: TerminalStyle,
    bar: ProgressBar, interruption: Interruption, budget: BudgetMeter? = nil,
    record: RunRecord? = nil
  ) {
    self.database = database
    self.isBatched = isBatched
    self.output = output
    self.format = format
    self.style = style
    self.bar = bar
    self.interruption = interruption
    self.budget = budget
    self.record = record
  }

  /// Runs all statements of a script; the first that fails ends it.
  func run(_ sql: String) throws(SibylError) {
    var script = try Script(sql)
    while !output.isReaderGone, stopped == nil, let statement = try script.next(on: database.connection) {
      try run(statement)
      try output.flush()
    }
  }

  private func run(_ statement: borrowing Script.Statement) throws(SibylError) {
    let analysis = StatementAnalysis(statement.sql)
    if isBatched, analysis.queryPart != nil, Replay(database.session).makesCalls(analysis.text) {
      // Where cheap conditions turn rows away, the dear ones are not asked about them.
      if let improved = PredicateOrder.improved(analysis.text),
        let prepared = try? SQLStatement(improved, on: database.connection),
        try runBatched(prepared, StatementAnalysis(improved))
      {
        return
      }
      if try runBatched(statement.prepared, analysis) { return }
    }
    try execute(statement.prepared, writtenRows: nil)
  }

  /// Computes a statement's AI calls in batches and runs it.
  ///
  /// - Returns: false where the statement is better run as it is: it will tell its error in its own words.
  private func runBatched(
    _ prepared: borrowing SQLStatement, _ analysis: StatementAnalysis
  ) throws(SibylError) -> Bool {
    guard let query = analysis.queryPart else { return false }
    let observer = RunObserver(
      keepsRows: analysis.kind == .query, bar: bar, interruption: interruption, record: record)
    defer { observer.end() }
    let report: ReplayReport
    do throws(SibylError) {
      report = try Replay(database.session).collect(
        query, mentionsLimit: analysis.mentionsLimit, needsRows: analysis.kind == .query, budget: budget,
        observer: observer)
    } catch {
      if error.kind != .invalidArgument { throw error }
      return false
    }
    observer.end()
    summary.counts = summary.counts + report.counts
    summary.cascades += report.cascades
    if report.stoppedBy != nil {
      stopped = report
    } else if analysis.kind == .query, report.isExact, !observer.hasOverflowed {
      try print(observer.rows, columns: columnNames(of: prepared))
    } else {
      // A statement that writes is one transaction by itself, or a part of the user's.
      try execute(prepared, writtenRows: analysis.kind == .createTableAs ? report.rows : nil)
    }
    return true
  }

  private func columnNames(of statement: borrowing SQLStatement) -> [String] {
    (0..<csqlite_column_count(statement.pointer)).map { column in
      csqlite_column_name(statement.pointer, column).map { String(cString: $0) } ?? ""
    }
  }

  private func beginResult(_ columns: [String]) throws(SibylError) -> any RowWriter {
    if hasPrinted && format != .json { output.write("\n") }
    hasPrinted = true
    var writer = format.makeWriter(style: style)
    try writer.begin(columns: columns, to: output)
    return writer
  }

  private func print(_ rows: RowBuffer, columns: [String]) throws(SibylError) {
    var writer = try beginResult(columns)
    try rows.forEachRow(columnCount: columns.count) { row throws(SibylError) in
      guard !output.isReaderGone else { return }
      try writer.write(row, to: output)
    }
    try writer.end(to: output)
    summary.rows += rows.rowCount
  }

  /// Runs a statement as it is and prints the rows that it returns.
  private func execute(_ statement: borrowing SQLStatement, writtenRows: Int?) throws(SibylError) {
    let columns = columnNames(of: statement)
    let changesBefore = csqlite_total_changes(database.connection)
    var writer: (any RowWriter)? = columns.isEmpty ? nil : try beginResult(columns)
    var row: [Cell] = []
    var rows = 0
    while true {
      let status = csqlite_step(statement.pointer)
      if status == SQLITE_DONE { break }
      guard status == SQLITE_ROW else {
        throw SQLStatement.failure(of: database.connection, status)
      }
      rows += 1
      guard writer != nil else { continue }
      row.removeAll(keepingCapacity: true)
      for column in 0..<Int32(columns.count) { row.append(Cell(statement.pointer, column: column)) }
      try writer?.write(row, to: output)
      if output.isReaderGone { return }
    }
    try writer?.end(to: output)
    let written = writtenRows ?? Int(csqlite_total_changes(database.connection) &- changesBefore)
    summary.rows += columns.isEmpty ? max(0, written) : rows
  }
}
