import CSQLite
import Functions
import SQLiteExtension
import Threads

/// Watches a replay for `sibyl run`: keeps the rows while they may be the answer, draws the bar, listens for Ctrl-C.
final class RunObserver: ReplayObserver {
  /// How many bytes of rows are kept. A larger answer is read once more, from the cache, as it is written.
  static let keptBytes = 16 << 20

  private let interruption: Interruption
  private let keepsRows: Bool
  private let record: RunRecord?
  private var bar: ProgressBar
  private var computedBefore = 0
  private var computingSince: Double?

  /// The rows of the current pass.
  private(set) var rows = RowBuffer()
  /// Whether the current pass had more rows than are kept.
  private(set) var hasOverflowed = false
  private var row: [Cell] = []

  /// - Parameter record: what the report of the run is made of.
  init(keepsRows: Bool, bar: ProgressBar, interruption: Interruption, record: RunRecord?) {
    self.keepsRows = keepsRows
    self.record = record
    self.bar = bar
    self.interruption = interruption
  }

  var isCancelled: Bool { interruption.isRequested }
  var witness: (any AnswerWitness)? { record }

  func passBegins() {
    rows.removeAll()
    hasOverflowed = false
  }

  func rowIsKnown(_ statement: OpaquePointer) {
    guard keepsRows, !hasOverflowed else { return }
    row.removeAll(keepingCapacity: true)
    for column in 0..<csqlite_column_count(statement) { row.append(Cell(statement, column: column)) }
    rows.append(row)
    if rows.byteCount > Self.keptBytes {
      rows.removeAll()
      hasOverflowed = true
    }
  }

  func progress(_ progress: ReplayProgress) {
    // The rate is that of computing: reading is no measure of what is to come.
    if progress.isReading {
      computingSince = nil
    } else if computingSince == nil {
      computingSince = MonotonicClock.seconds
      computedBefore = progress.computed
    }
    let done = progress.cached + progress.computed
    record?.note(answered: done)
    guard bar.isDue else { return }
    bar.show(
      ProgressBar.State(
        done: progress.isReading ? done + progress.pending : done,
        total: progress.isReading ? nil : done + progress.pending,
        cached: progress.cached,
        computed: progress.computed - computedBefore,
        seconds: computingSince.map { MonotonicClock.seconds - $0 } ?? 0))
  }

  /// Takes the bar off the terminal.
  func end() {
    bar.clear()
  }
}
