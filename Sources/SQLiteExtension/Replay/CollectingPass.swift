import Diagnostics
import Functions

/// What the AI functions of a connection ask while a query is replayed on it, instead of computing.
///
/// Used on the connection's thread only.
package final class CollectingPass {
  let collector: Collector
  private let observer: any ReplayObserver
  private let budget: BudgetMeter?

  /// Whether a call was noted since the pass began.
  private(set) var hasRecorded = false
  /// Whether every call since the pass began had its answer.
  private(set) var isExact = true
  /// Whether a scalar call of the pass has no answer yet. It may stand for a row's text, or choose the rows: groups
  /// may not be what they will be.
  private var hasOpenCalls = false
  /// Whether the pass was ended because enough calls were noted.
  private(set) var isCutShort = false
  /// What ends the replay: no model, no memory, cancellation.
  private(set) var failure: SibylError?
  /// What part of the budget is spent: that ends the replay too.
  private(set) var spent: WorkBudget.Limit?
  /// Calls that were noted and not computed for that reason.
  private(set) var left = 0
  private var pendingLimit = Int.max
  private var callsSinceLook = 0

  /// - Parameters:
  ///   - survey: gets the calls that have no answer; then nothing is computed.
  ///   - host: the session that the calls come from.
  init(
    observer: any ReplayObserver, budget: BudgetMeter? = nil, survey: CallSurvey? = nil,
    host: any FunctionHost
  ) {
    self.observer = observer
    self.budget = budget
    collector = Collector(survey: survey, witness: observer.witness, host: host)
  }

  /// Begins a pass that ends early when `pendingLimit` calls are noted.
  func begin(pendingLimit: Int) {
    collector.beginPass()
    observer.passBegins()
    self.pendingLimit = pendingLimit
    hasRecorded = false
    isExact = true
    hasOpenCalls = false
    isCutShort = false
  }

  /// What is known of a call without copying its arguments.
  ///
  /// - Throws: to end the pass: see `failure`.
  func glance(
    _ function: AIFunction, _ arguments: UnsafeBufferPointer<RawArgument>
  ) throws(SibylError) -> Collector.Glance {
    try lookAround()
    let known = collector.glance(function, arguments)
    if case .noted = known { leaveOpen() }
    return known
  }

  /// A call's answer, or nil where it is not known yet.
  ///
  /// - Throws: to end the pass: see `failure` and `isCutShort`.
  func valueOrRecord(_ function: AIFunction, _ values: [Value]) throws(SibylError) -> Value? {
    let value = try record(function, values)
    if value == nil { hasOpenCalls = true }
    return value
  }

  /// The answer to a group, or nil where it is not known yet. A group that may still change is not noted: it would be
  /// computed for nothing.
  ///
  /// - Throws: to end the pass: see `failure` and `isCutShort`.
  func groupAnswer(_ function: AIFunction, _ values: [Value]) throws(SibylError) -> Value? {
    try lookAround()
    guard !hasOpenCalls else {
      isExact = false
      return nil
    }
    return try record(function, values)
  }

  private func record(_ function: AIFunction, _ values: [Value]) throws(SibylError) -> Value? {
    let pendingBefore = collector.pendingCount
    let value: Value?
    do throws(SibylError) {
      value = try collector.valueOrRecord(function, values)
    } catch {
      failure = error
      throw error
    }
    if value != nil { return value }
    isExact = false
    guard collector.pendingCount > pendingBefore else { return nil }
    hasRecorded = true
    if collector.isFull {
      try compute()
    } else if collector.pendingCount >= pendingLimit {
      isCutShort = true
      throw SibylError(.cancelled, "enough calls are noted")
    }
    return nil
  }

  /// The query has been read.
  func end() {
    collector.endPass()
  }

  /// A call has no answer in this pass: it is noted already, or could not be, and the statement itself will tell why.
  func leaveOpen() {
    isExact = false
    hasOpenCalls = true
  }

  /// Computes what is noted.
  ///
  /// - Throws: also where the budget is `spent`, to end the pass.
  func compute() throws(SibylError) {
    observer.progress(progress(pending: collector.pendingCount, isReading: false))
    let noted = collector.pendingCount
    let before = collector.counts
    do throws(SibylError) {
      spent = try collector.computePending(
        budget: budget,
        progress: { done, total in
          self.observer.progress(self.progress(pending: total - done, isReading: false))
        },
        isCancelled: { self.observer.isCancelled })
    } catch {
      failure = error
      throw error
    }
    guard spent != nil else { return }
    let after = collector.counts
    left = noted - (after.computed - before.computed) - (after.failed - before.failed)
    throw SibylError(.cancelled, "the budget is spent")
  }

  /// Now and then, draws progress and looks whether the user has had enough.
  private func lookAround() throws(SibylError) {
    callsSinceLook += 1
    guard callsSinceLook >= 256 else { return }
    callsSinceLook = 0
    observer.progress(progress(pending: collector.pendingCount, isReading: true))
    guard observer.isCancelled else { return }
    let error = SibylError(.cancelled, "interrupted")
    failure = error
    throw error
  }

  private func progress(pending: Int, isReading: Bool) -> ReplayProgress {
    let counts = collector.counts
    return ReplayProgress(
      cached: counts.cached, computed: counts.computed, pending: pending, isReading: isReading)
  }
}
