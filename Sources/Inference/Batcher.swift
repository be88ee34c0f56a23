import Diagnostics
import Models
import Threads

/// The queue between callers and workers: windows wait here, and a worker takes as many as make a good
/// batch, whoever asked for them.
///
/// There are two lanes, so that a single call does not wait for somebody's ten thousand: short requests go
/// first, but for every few batches of theirs the long ones get one. Batches are packed without padding, so
/// their order of lengths does not matter and windows leave a lane in the order in which they came.
///
/// Threads: any.
final class Batcher: Sendable {
  /// Tokens of a full batch. Above about a hundred tokens products run at full speed; more would only push
  /// intermediate results out of the core's cache.
  static let tokenBudget = 256
  /// Below this a batch is not split further to feed an idle worker.
  static let leastTokens = 48
  /// Requests of more windows than this are long ones.
  static let shortRequestWindows = 32
  /// While both lanes have work, one batch in so many is taken from the long ones.
  private static let turnsPerLongBatch = 4

  private struct Queue {
    var short = Lane()
    var long = Lane()
    var turn = 0
    var isStopped = false
  }

  private let queue = Monitor(Queue())
  private let workers: Int

  init(workers: Int) { self.workers = max(workers, 1) }

  /// Some windows of one group, for one worker.
  struct Slice: Sendable {
    let group: WindowGroup
    let windows: Range<Int>
  }

  /// - Parameter isLong: whether the group belongs to a request of more than `shortRequestWindows`.
  /// - Returns: false when the process is exiting and nothing is computed any more.
  func submit(_ group: WindowGroup, isLong: Bool) -> Bool {
    queue.signal { queue in
      guard !queue.isStopped else { return false }
      if isLong { queue.long.append(group) } else { queue.short.append(group) }
      return true
    }
  }

  /// Waits for work. Slices of one answer share model and output, so that they can run as one batch.
  ///
  /// - Returns: nil when the batcher has been stopped.
  func take() -> [Slice]? {
    queue.wait { queue -> [Slice]?? in
      if queue.isStopped { return .some(nil) }
      if queue.short.isEmpty, queue.long.isEmpty { return nil }
      queue.turn = (queue.turn + 1) % Self.turnsPerLongBatch
      let takesLong = queue.short.isEmpty || (queue.turn == 0 && !queue.long.isEmpty)
      return .some(takesLong ? queue.long.take(workers: workers) : queue.short.take(workers: workers))
    }
  }

  /// Whether nothing waits.
  var isIdle: Bool { queue.withLock { $0.short.isEmpty && $0.long.isEmpty } }

  func stop() { queue.signal { $0.isStopped = true } }

  /// Groups in the order in which they came. A group leaves with its last window: its vectors are large, and a lane
  /// that is never empty would keep them.
  private struct Lane {
    private var groups: [WindowGroup] = []
    /// The first group's windows before it are taken.
    private var cursor = 0
    private var waitingTokens = 0

    var isEmpty: Bool { groups.isEmpty }

    mutating func append(_ group: WindowGroup) {
      groups.append(group)
      waitingTokens += group.batch.tokenCount
    }

    /// Slices for one worker, of which there are `workers`; none of an empty lane.
    mutating func take(workers: Int) -> [Slice] {
      let share = (waitingTokens + workers - 1) / workers
      let budget = min(max(share, Batcher.leastTokens), Batcher.tokenBudget)
      var slices: [Slice] = []
      var tokens = 0
      var taken = 0
      while taken < groups.count {
        let group = groups[taken]
        if let first = slices.first?.group.request {
          guard group.request.encoder === first.encoder, group.request.output == first.output else { break }
        }
        let sequences = group.batch.sequences
        let start = cursor
        while cursor < sequences.count {
          let length = sequences[cursor].count
          guard tokens == 0 || tokens + length <= budget else { break }
          tokens += length
          cursor += 1
        }
        if cursor > start { slices.append(Slice(group: group, windows: start..<cursor)) }
        guard cursor == sequences.count else { break }
        taken += 1
        cursor = 0
      }
      groups.removeFirst(taken)
      waitingTokens -= tokens
      return slices
    }
  }
}
