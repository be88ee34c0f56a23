/// The share of the highest learning rate at each step: it rises from nothing in a straight line, then falls to
/// nothing in another.
struct LearningRateSchedule: Sendable {
  let steps: Int
  let warmUpSteps: Int

  init(steps: Int, warmUp: Double) {
    self.steps = max(steps, 1)
    warmUpSteps = min(max(Int(Double(self.steps) * min(max(warmUp, 0), 1)), 0), self.steps)
  }

  /// - Parameter step: 0 for the first.
  func factor(step: Int) -> Float {
    if step < warmUpSteps { return Float(step + 1) / Float(warmUpSteps) }
    return Float(max(steps - step, 0)) / Float(max(steps - warmUpSteps, 1))
  }
}
