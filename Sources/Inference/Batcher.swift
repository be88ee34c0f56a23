import Diagnostics
import Models

/// The queue between callers and workers: windows wait here, and a worker takes as many as make a good
/// batch, whoever asked for them.
///
/// Batches are packed without padding, so their order of lengths does not matter and windows leave in the
/// order in which they came.
///
/// Threads: any.
final class Batcher: Sendable {
  /// Tokens of a full batch. Above about a hundred tokens products run at full speed; more would only push
  /// intermediate results out of the core's cache.
  static let tokenBudget = 256
  /// Below this a batch is not split further to feed an idle worker.
  static let leastTokens = 48

  private struct Queue {
    /// Groups that still have windows; the first one's windows before `cursor` are taken.
    var groups: [WindowGroup] = []
    var head = 0
    var cursor = 0
    var waitingTokens = 0
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

  /// - Returns: false when the process is exiting and nothing is computed any more.
  func submit(_ group: WindowGroup) -> Bool {
    queue.signal { queue in
      guard !queue.isStopped else { return false }
      queue.groups.append(group)
      queue.waitingTokens += group.batch.tokenCount
      return true
    }
  }

  /// Waits for work. Slices of one answer share model and output, so that they can run as one batch.
  ///
  /// - Returns: nil when the batcher has been stopped.
  func take() -> [Slice]? {
    queue.wait { queue -> [Slice]?? in
      if queue.isStopped { return .some(nil) }
      guard queue.head < queue.groups.count else { return nil }
      return .some(takeSlices(from: &queue))
    }
  }

  func stop() { queue.signal { $0.isStopped = true } }

  private func takeSlices(from queue: inout Queue) -> [Slice] {
    let share = (queue.waitingTokens + workers - 1) / workers
    let budget = min(max(share, Self.leastTokens), Self.tokenBudget)
    let first = queue.groups[queue.head].request
    var slices: [Slice] = []
    var tokens = 0
    while queue.head < queue.groups.count {
      let group = queue.groups[queue.head]
      guard group.request.encoder === first.encoder, group.request.output == first.output else { break }
      let sequences = group.batch.sequences
      let start = queue.cursor
      while queue.cursor < sequences.count {
        let length = sequences[queue.cursor].count
        guard tokens == 0 || tokens + length <= budget else { break }
        tokens += length
        queue.cursor += 1
      }
      if queue.cursor > start { slices.append(Slice(group: group, windows: start..<queue.cursor)) }
      guard queue.cursor == sequences.count else { break }
      queue.head += 1
      queue.cursor = 0
    }
    queue.waitingTokens -= tokens
    if queue.head == queue.groups.count {
      queue.groups.removeAll(keepingCapacity: true)
      queue.head = 0
    } else if queue.head > 256 {
      queue.groups.removeFirst(queue.head)
      queue.head = 0
    }
    return slices
  }
}
