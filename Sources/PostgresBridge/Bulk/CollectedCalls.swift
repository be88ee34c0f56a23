import Diagnostics
import JSON
import Threads

/// The calls that a statement makes, on their way from the session that collects them to those that have them
/// computed.
///
/// Calls are gathered by function and by what stands behind the first argument, which a query mostly gives as
/// constants, into batches of texts. The queue is bounded: the collecting session waits where computing can't
/// keep up, so that a table of any size takes little memory.
///
/// Threads: one adds, several take.
final class CollectedCalls: Sendable {
  /// Texts of one batch. Small enough that several sessions have work, large enough for the engine.
  private static let batchTexts = 1_000
  private static let batchBytes = 1 << 20
  /// Bytes that may wait.
  private static let limitBytes = 64 << 20

  struct Batch: Sendable {
    let function: String
    /// The arguments behind the first.
    let others: [String?]
    var texts: [String] = []
    var bytes = 0
  }

  private struct Group: Hashable {
    let function: String
    let others: [String?]
  }

  private struct State {
    var open: [Group: Batch] = [:]
    var full: [Batch] = []
    var waitingBytes = 0
    /// Calls seen so far, as hashes of 64 bits twice over: a table has millions.
    var seen: Set<CallHash> = []
    var found = 0
    var computed = 0
    var isClosed = false

    /// What is gathered goes out as it is.
    mutating func closeBatches() {
      full += open.values
      open = [:]
    }
  }

  private struct CallHash: Hashable {
    let first: Int
    let second: Int

    init(_ text: String) {
      first = text.hashValue
      var hasher = Hasher()
      hasher.combine(0x51b7)
      hasher.combine(text)
      second = hasher.finalize()
    }
  }

  private let state = Monitor(State())

  /// Distinct calls found so far, and how many of them are computed.
  var progress: (found: Int, computed: Int) { state.withLock { ($0.found, $0.computed) } }

  /// Takes a call as the functions tell it: a JSON array of the function's name and its arguments' texts.
  func add(_ notice: String) {
    guard let call = try? JSON.parse(notice), let parts = call.arrayValue, parts.count >= 2,
      let function = parts[0].stringValue, let text = parts[1].stringValue
    else { return }
    let group = Group(function: function, others: parts.dropFirst(2).map(\.stringValue))
    state.signal { state in
      guard state.seen.insert(CallHash(notice)).inserted else { return }
      state.found += 1
      var batch = state.open[group] ?? Batch(function: group.function, others: group.others)
      batch.texts.append(text)
      batch.bytes += text.utf8.count + 32
      state.waitingBytes += text.utf8.count + 32
      if batch.texts.count >= Self.batchTexts || batch.bytes >= Self.batchBytes {
        state.full.append(batch)
        batch = Batch(function: group.function, others: group.others)
      }
      state.open[group] = batch.texts.isEmpty ? nil : batch
      // Groups of a call each (the second argument differs from row to row) must not pile up.
      if state.waitingBytes >= Self.limitBytes { state.closeBatches() }
    }
    _ = state.wait { $0.waitingBytes < Self.limitBytes || $0.isClosed ? true : nil }
  }

  /// No more calls come in this pass.
  func endPass() { state.signal { $0.closeBatches() } }

  /// Ends: nobody computes any more.
  func close() { state.signal { $0.isClosed = true } }

  /// The next batch; nil where there is none any more.
  func take() -> Batch? {
    state.wait { state -> Batch?? in
      if state.isClosed { return .some(nil) }
      guard !state.full.isEmpty else { return nil }
      return .some(state.full.removeFirst())
    }
  }

  /// A batch is computed.
  func finish(_ batch: Batch) {
    state.signal { state in
      state.computed += batch.texts.count
      state.waitingBytes -= batch.bytes
    }
  }

  /// Waits until everything that was found is computed, or the sessions gave up.
  ///
  /// - Parameter isCancelled: asked every 50 ms.
  func waitUntilComputed(isCancelled: () -> Bool) {
    while !isCancelled() {
      let isDone = state.wait(milliseconds: 50) { $0.computed >= $0.found || $0.isClosed ? true : nil }
      if isDone == true { return }
    }
  }
}
