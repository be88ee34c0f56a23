import Synchronization
import Tensor
import Threads

/// The other cores' help for a lone caller (latency mode): threads that take parts of the work while one forward
/// pass runs.
///
/// The caller does not wait for helpers to come: every part that none has taken it computes itself. It does
/// wait for parts that were taken, which on a busy machine can be long; `LatencyPace` sees to that.
///
/// Threads: one caller at a time, between `begin` and `end`; the lock that gives the right is the caller's
/// business (`tryBegin`). Helpers spin while a pass runs (the gaps are microseconds), for a moment after it
/// (the next row often follows at once), and otherwise sleep.
final class CoreTeam: Team, @unchecked Sendable {
  let cores: Int

  /// phase << 32 | parts << 16 | next part to take. A helper that takes a part by exchanging this word knows
  /// that the phase is still going on, and the phase can't end before the part is done.
  private let claim = Atomic<UInt64>(0)
  private let partsDone = Atomic<Int>(0)
  private let isBusy = Atomic<Bool>(false)
  private let isRunning = Atomic<Bool>(false)
  /// Written by the caller before a phase is published, read by helpers after taking a part of it.
  private var body: (Int) -> Void = { _ in }
  private let sleepers = Monitor(Sleep())

  private struct Sleep {
    var isAwake = false
    var isStopped = false
  }

  /// Looks at the claim before a helper goes to sleep: about 50 microseconds, …
  private static let fewSpins = 2_000
  /// … or 300, while passes follow each other within that time, as those of a query do that has something else to
  /// do for each of its rows. A core that has slept is slower for a while. (Measured with 0.2 ms between passes of
  /// 0.79 ms: they take 0.80 ms when the helper stays awake, and 1.0 when it sleeps.)
  private static let manySpins = 12_000
  private static let shortGap: UInt64 = 300_000
  private let spinsBeforeSleep = Atomic<Int>(fewSpins)
  private let lastEnd = Atomic<UInt64>(0)

  init(cores: Int) { self.cores = min(max(cores, 1), Self.maximumCores) }

  private static let maximumCores = 4

  /// Starts the helpers; where the system gives no thread, the caller works alone.
  func start() {
    for _ in 1..<cores { _ = WorkerThread.start { [self] in help() } }
  }

  func stop() { sleepers.signal { $0.isStopped = true } }

  /// Takes the team for one forward pass; false when another caller has it.
  func tryBegin() -> Bool {
    guard isBusy.compareExchange(expected: false, desired: true, ordering: .acquiring).exchanged else {
      return false
    }
    let gap = MonotonicClock.nanoseconds &- lastEnd.load(ordering: .relaxed)
    spinsBeforeSleep.store(gap < Self.shortGap ? Self.manySpins : Self.fewSpins, ordering: .relaxed)
    isRunning.store(true, ordering: .releasing)
    sleepers.signal { $0.isAwake = true }
    return true
  }

  func end() {
    lastEnd.store(MonotonicClock.nanoseconds, ordering: .relaxed)
    isRunning.store(false, ordering: .releasing)
    isBusy.store(false, ordering: .releasing)
  }

  func run(parts: Int, _ body: @escaping (Int) -> Void) {
    self.body = body
    partsDone.store(0, ordering: .relaxed)
    let phase = (claim.load(ordering: .relaxed) >> 32) &+ 1
    claim.store(phase << 32 | UInt64(parts) << 16, ordering: .releasing)
    while let part = takePart() { work(part, body) }
    while partsDone.load(ordering: .acquiring) < parts { pause() }
  }

  private func takePart() -> Int? {
    var word = claim.load(ordering: .acquiring)
    while true {
      let next = word & 0xffff
      guard next < (word >> 16) & 0xffff else { return nil }
      let (exchanged, original) = claim.compareExchange(
        expected: word, desired: word + 1, ordering: .acquiringAndReleasing)
      if exchanged { return Int(next) }
      word = original
    }
  }

  private func work(_ part: Int, _ body: (Int) -> Void) {
    body(part)
    partsDone.add(1, ordering: .acquiringAndReleasing)
  }

  /// A helper's life.
  private func help() {
    Workspace.setCoresPerProduct(1)
    var idleSpins = 0
    while true {
      if let part = takePart() {
        work(part, body)
        idleSpins = 0
      } else if isRunning.load(ordering: .acquiring) || idleSpins < spinsBeforeSleep.load(ordering: .relaxed)
      {
        idleSpins += 1
        pause()
      } else {
        let mayGoOn = sleepers.wait { sleep -> Bool? in
          if sleep.isStopped { return false }
          guard sleep.isAwake else { return nil }
          sleep.isAwake = false
          return true
        }
        guard mayGoOn else { return }
        idleSpins = 0
      }
    }
  }

  private func pause() { Workspace.pause() }
}
