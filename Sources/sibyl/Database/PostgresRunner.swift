import Diagnostics
import PostgresBridge
import PostgresClient
import Threads

/// Runs a statement in a PostgreSQL database, its AI calls in batches, and prints its rows.
final class PostgresRunner {
  private let dsn: String
  private let output: ByteOutput
  private let format: OutputFormat
  private let style: TerminalStyle
  private var bar: ProgressBar
  private let interruption: Interruption

  private(set) var summary = RunSummary()

  init(
    dsn: String, output: ByteOutput, format: OutputFormat, style: TerminalStyle, bar: ProgressBar,
    interruption: Interruption
  ) {
    self.dsn = dsn
    self.output = output
    self.format = format
    self.style = style
    self.bar = bar
    self.interruption = interruption
  }

  func run(_ sql: String) throws(SibylError) {
    do throws(PostgresError) {
      let dsn = try PostgresDSN(dsn)
      let bridge = try TemporaryBridge(dsn, command: "sibyl run")
      defer { bridge.stop() }
      try run(sql, dsn)
    } catch {
      throw error.error
    }
    try output.flush()
  }

  private func run(_ sql: String, _ dsn: PostgresDSN) throws(PostgresError) {
    var computingSince: Double?
    let interruption = interruption
    let work = BulkRun(dsn: dsn, isCancelled: { interruption.isRequested }) { [self] progress in
      if computingSince == nil, progress.computed > 0 { computingSince = MonotonicClock.seconds }
      guard bar.isDue else { return }
      bar.show(
        ProgressBar.State(
          done: progress.isCollecting ? progress.found : progress.computed,
          total: progress.isCollecting ? nil : progress.found, cached: 0, computed: progress.computed,
          seconds: computingSince.map { MonotonicClock.seconds - $0 } ?? 0))
    }
    var writer: (any RowWriter)?
    var columns: [PostgresColumn] = []
    var failure: SibylError?
    let outcome: BulkRun.Outcome
    do throws(PostgresError) {
      outcome = try work.run(
        sql,
        columns: { [self] found in
          bar.clear()
          columns = found
          var made = format.makeWriter(style: style)
          do throws(SibylError) {
            try made.begin(columns: found.map(\.name), to: output)
            writer = made
          } catch { failure = error }
        },
        row: { [self] row in
          guard failure == nil, !output.isReaderGone, writer != nil else { return false }
          do throws(SibylError) {
            try PostgresCells.with(row, columns) { cells throws(SibylError) in
              try writer?.write(cells, to: output)
            }
          } catch { failure = error }
          return failure == nil
        })
    } catch {
      bar.clear()
      throw error
    }
    bar.clear()
    do throws(SibylError) {
      if let failure { throw failure }
      try writer?.end(to: output)
    } catch { throw PostgresError(error) }
    summary.rows = outcome.rows
    summary.counts.calls = outcome.progress.found
    summary.counts.distinct = outcome.progress.found
    summary.counts.computed = outcome.progress.computed
  }
}
