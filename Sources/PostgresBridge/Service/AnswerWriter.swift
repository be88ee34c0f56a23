import Threads

/// The answers that are on their way to the database's cache table.
///
/// Answers wait here until the database link fetches them, so that no caller waits for a transaction of the
/// database. The queue is bounded: what does not fit is dropped, and asked for again when it is wanted again
/// (the bridge's own result cache still has it).
///
/// Threads: any may store; one takes.
final class AnswerWriter: Sendable {
  struct Entry: Sendable {
    let key: [UInt8]
    let answer: String?
  }

  private struct State {
    var entries: [Entry] = []
    var bytes = 0
    var stored: UInt64 = 0
    var written: UInt64 = 0
    var dropped = 0
    /// Whether someone fetches entries; otherwise nothing is kept.
    var isOpen = false
    var waiters = 0

    /// Whether entries should be written now, and not when their time has come.
    var isDue: Bool { !entries.isEmpty && (waiters > 0 || entries.count >= AnswerWriter.groupCount) }
  }

  private static let limitBytes = 64 << 20
  /// Entries for one transaction.
  static let groupCount = 4_096
  private static let flushMilliseconds = 2_000
  private let state = Monitor(State())

  /// Answers that were dropped so far.
  var droppedCount: Int { state.withLock { $0.dropped } }

  func store(_ entries: [Entry]) {
    guard !entries.isEmpty else { return }
    let isUrgent = state.withLock { state in
      for entry in entries {
        let bytes = entry.key.count + (entry.answer?.utf8.count ?? 0) + 64
        guard state.isOpen, state.bytes + bytes <= Self.limitBytes else {
          state.dropped += 1
          continue
        }
        state.entries.append(entry)
        state.bytes += bytes
        state.stored &+= 1
      }
      return state.isDue
    }
    // A thread that is woken for nothing takes a core from those that compute.
    if isUrgent { state.signal { _ in } }
  }

  /// Waits, for two seconds at most, until what is stored so far is in the database.
  func flush() {
    let goal = state.signal { state -> UInt64 in
      state.waiters += 1
      return state.stored
    }
    _ = state.wait(milliseconds: Self.flushMilliseconds) { state -> Bool? in
      state.written >= goal || !state.isOpen ? true : nil
    }
    state.withLock { $0.waiters -= 1 }
  }

  /// Says whether entries are fetched; when not, those that wait are dropped.
  func setOpen(_ isOpen: Bool) {
    state.signal { state in
      state.isOpen = isOpen
      if !isOpen {
        state.dropped += state.entries.count
        state.written = state.stored
        state.entries = []
        state.bytes = 0
      }
    }
  }

  /// The next entries to write: as soon as someone waits for them or a group is full, otherwise what came within
  /// `milliseconds`. Empty where nothing came.
  func take(milliseconds: Int) -> [Entry] {
    _ = state.wait(milliseconds: milliseconds) { $0.isDue ? true : nil }
    return state.withLock { state in
      let taken = Array(state.entries.prefix(Self.groupCount))
      state.entries.removeFirst(taken.count)
      state.bytes -= taken.reduce(0) { $0 + $1.key.count + ($1.answer?.utf8.count ?? 0) + 64 }
      return taken
    }
  }

  /// Entries that were taken are in the database, or given up.
  func finish(_ count: Int, isWritten: Bool) {
    state.signal { state in
      state.written &+= UInt64(count)
      if !isWritten { state.dropped += count }
    }
  }
}
