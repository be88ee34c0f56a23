/// Minimises a smooth function by L-BFGS (Nocedal and Wright, Numerical Optimization, algorithm 7.5) with a
/// backtracking line search. Float64 throughout and free of chance: the same function gives the same
/// minimum, bit for bit.
struct LimitedMemoryBFGS {
  /// Pairs of steps and gradient changes that stand in for the Hessian.
  var historyCount = 10
  var maximumIterations = 200
  /// Stops when an iteration lowers the value by less than this, relatively.
  var relativeDecrease = 1e-7
  /// Stops when no partial derivative is larger than this.
  var gradientTolerance = 1e-7

  struct Minimum {
    var point: [Double]
    var value: Double
    var iterations: Int
  }

  private struct Pair {
    var step: [Double]
    var change: [Double]
    var inverseCurvature: Double
  }

  /// - Parameters:
  ///   - evaluate: returns the value at a point and fills in the gradient there.
  ///   - shouldStop: asked before each iteration; where it says yes, the best point so far is the answer.
  func minimise(
    from start: [Double], _ evaluate: (_ point: [Double], _ gradient: inout [Double]) -> Double,
    shouldStop: () -> Bool = { false }
  ) -> Minimum {
    var point = start
    var gradient = [Double](repeating: 0, count: start.count)
    var value = evaluate(point, &gradient)
    var history: [Pair] = []
    var trial = point
    var trialGradient = gradient
    var iteration = 0

    while iteration < maximumIterations, Self.largest(gradient) > gradientTolerance, !shouldStop() {
      let direction = Self.direction(gradient, history)
      let slope = Self.dot(direction, gradient)
      // Not downhill: the curvature pairs mislead (rounding near the minimum). Begin again from steepest
      // descent, or stop where that was steepest descent already.
      guard slope < 0 else {
        if history.isEmpty { break }
        history.removeAll()
        continue
      }

      var length = history.isEmpty ? min(1, 1 / max(Self.dot(gradient, gradient).squareRoot(), 1e-12)) : 1
      var trialValue = Double.infinity
      var accepted = false
      for _ in 0..<30 {
        Self.set(&trial, point, plus: length, times: direction)
        trialValue = evaluate(trial, &trialGradient)
        if trialValue <= value + 1e-4 * length * slope {
          accepted = true
          break
        }
        // The minimum of the parabola through both values and the slope, kept within sane bounds.
        let parabola = -slope * length * length / (2 * (trialValue - value - slope * length))
        length = parabola.isFinite ? min(max(parabola, 0.1 * length), 0.5 * length) : 0.1 * length
      }
      guard accepted else { break }

      var step = point
      var change = gradient
      Self.set(&step, trial, plus: -1, times: point)
      Self.set(&change, trialGradient, plus: -1, times: gradient)
      let curvature = Self.dot(step, change)
      if curvature > 1e-12 * Self.dot(change, change) {
        if history.count == historyCount { history.removeFirst() }
        history.append(Pair(step: step, change: change, inverseCurvature: 1 / curvature))
      }
      let decrease = value - trialValue
      swap(&point, &trial)
      swap(&gradient, &trialGradient)
      value = trialValue
      iteration += 1
      if decrease <= relativeDecrease * max(abs(value), 1e-12) { break }
    }
    return Minimum(point: point, value: value, iterations: iteration)
  }

  /// The two-loop recursion: minus the gradient times the inverse Hessian that the history implies.
  private static func direction(_ gradient: [Double], _ history: [Pair]) -> [Double] {
    var direction = gradient
    var weights: [Double] = []
    for pair in history.reversed() {
      let weight = pair.inverseCurvature * dot(pair.step, direction)
      weights.append(weight)
      add(-weight, pair.change, to: &direction)
    }
    if let last = history.last {
      let scale = 1 / (last.inverseCurvature * dot(last.change, last.change))
      for index in direction.indices { direction[index] *= scale }
    }
    for (pair, weight) in zip(history, weights.reversed()) {
      add(weight - pair.inverseCurvature * dot(pair.change, direction), pair.step, to: &direction)
    }
    for index in direction.indices { direction[index] = -direction[index] }
    return direction
  }

  private static func dot(_ a: [Double], _ b: [Double]) -> Double {
    a.withUnsafeBufferPointer { a in
      b.withUnsafeBufferPointer { b in
        // Four chains of additions, so that they can overlap.
        var sums = SIMD4<Double>.zero
        let count = min(a.count, b.count)
        var index = 0
        while index &+ 4 <= count {
          sums +=
            SIMD4(a[index], a[index &+ 1], a[index &+ 2], a[index &+ 3])
            * SIMD4(b[index], b[index &+ 1], b[index &+ 2], b[index &+ 3])
          index &+= 4
        }
        var sum = sums.sum()
        while index < count {
          sum += a[index] * b[index]
          index &+= 1
        }
        return sum
      }
    }
  }

  private static func add(_ scale: Double, _ source: [Double], to target: inout [Double]) {
    target.withUnsafeMutableBufferPointer { target in
      source.withUnsafeBufferPointer { source in
        for index in 0..<min(target.count, source.count) { target[index] += scale * source[index] }
      }
    }
  }

  /// `target = a + scale * b`, all of the same length.
  private static func set(_ target: inout [Double], _ a: [Double], plus scale: Double, times b: [Double]) {
    target.withUnsafeMutableBufferPointer { target in
      a.withUnsafeBufferPointer { a in
        b.withUnsafeBufferPointer { b in
          for index in 0..<min(target.count, a.count, b.count) { target[index] = a[index] + scale * b[index] }
        }
      }
    }
  }

  private static func largest(_ values: [Double]) -> Double {
    values.reduce(0) { max($0, abs($1)) }
  }
}
