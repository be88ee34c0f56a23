import Threads

/// Counts what has been done since when, for reports of a training's progress.
struct ProgressClock {
  private static let interval = 0.25

  private let stepTokens: Double
  private var lastReport: Double
  private var lastMark: Double
  private var trainedTokens = 0.0
  private var trainedSeconds = 0.0
  private var loss = 0.0
  private var weight = 0.0
  private var overhead = 0.0

  /// - Parameter stepTokens: tokens of a step, on average.
  init(start: Double, stepTokens: Double) {
    self.stepTokens = stepTokens
    lastReport = start
    lastMark = start
  }

  /// A step has ended.
  mutating func note(_ result: TrainableEncoder.Result, tokens: Int) {
    let now = MonotonicClock.seconds
    trainedSeconds += now - lastMark
    trainedTokens += Double(tokens)
    lastMark = now
    // Fades, so that the loss shown is that of the last steps.
    loss = 0.95 * loss + result.loss
    weight = 0.95 * weight + result.weight
  }

  /// Time that was spent on something else than steps.
  mutating func skip() {
    let now = MonotonicClock.seconds
    overhead += now - lastMark
    lastMark = now
  }

  var isDue: Bool { MonotonicClock.seconds - lastReport >= Self.interval }
  var tokensPerSecond: Double { trainedSeconds > 0 ? trainedTokens / trainedSeconds : 0 }

  mutating func progress(step: Int, steps: Int, heldOut: Double?, best: Double?) -> FineTuningProgress {
    lastReport = MonotonicClock.seconds
    let stepSeconds = tokensPerSecond > 0 ? stepTokens / tokensPerSecond : 0
    let overheadShare = trainedSeconds > 0 ? overhead / trainedSeconds : 0
    return FineTuningProgress(
      step: step, steps: steps, loss: weight > 0 ? loss / weight : 0, heldOutAccuracy: heldOut,
      bestAccuracy: best, tokensPerSecond: tokensPerSecond,
      secondsLeft: Double(steps - step) * stepSeconds * (1 + overheadShare))
  }
}
