import Models
import TestSupport
import Testing
import Training

@Suite("Gradients of fine-tuning") struct GradientTests {
  static func parameters(count: Int) -> [Float] {
    var generator = SeededGenerator(seed: 5)
    return (0..<count).map { _ in 0.15 * Float.random(in: -1...1, using: &generator) }
  }

  static func tuner() throws -> FineTuner {
    var options = FineTuningOptions()
    options.rank = 4
    return try FineTuner(
      TinyEncoder(), TinyEncoder.configuration(), classNames: ["low", "middle", "high"], options: options)
  }

  /// Each matrix's gradient against central differences, along itself and along a random direction.
  @Test(arguments: [0, 0.2] as [Float])
  func agreeWithFiniteDifferences(dropout: Float) throws {
    let tuner = try Self.tuner()
    let set = try TinyEncoder.set(rows: 24)
    let parameters = Self.parameters(count: tuner.parameterCount)
    let gradient = try tuner.lossAndGradient(of: set, parameters: parameters, dropout: dropout).gradient
    var generator = SeededGenerator(seed: 9)
    for (name, range) in tuner.parameterRanges {
      let length = gradient[range].reduce(0.0) { $0 + Double($1 * $1) }.squareRoot()
      #expect(length > 1e-3, "\(name) has no gradient")
      let random = range.map { _ in Float.random(in: -1...1, using: &generator) }
      for direction in [Array(gradient[range]), random] {
        let norm = direction.reduce(0.0) { $0 + Double($1 * $1) }.squareRoot()
        let unit = direction.map { $0 / Float(norm) }
        let expected = zip(unit, gradient[range]).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
        let step: Float = 0.02
        func loss(_ sign: Float) throws -> Double {
          var moved = parameters
          for (index, value) in zip(range, unit) { moved[index] += sign * step * value }
          return try tuner.lossAndGradient(of: set, parameters: moved, dropout: dropout).loss
        }
        let found = (try loss(1) - loss(-1)) / Double(2 * step)
        #expect(
          abs(found - expected) <= 0.01 * length + 1e-3,
          "\(name): the slope is \(found), the gradient says \(expected) of \(length)")
      }
    }
  }

  @Test func areTheSameBitsOnAnyNumberOfCores() throws {
    let tuner = try Self.tuner()
    let set = try TinyEncoder.set(rows: 60)
    let parameters = Self.parameters(count: tuner.parameterCount)
    let alone = try tuner.lossAndGradient(of: set, parameters: parameters, dropout: 0.1)
    let shared = try tuner.lossAndGradient(
      of: set, parameters: parameters, dropout: 0.1, team: BackwardTeam())
    #expect(alone.gradient == shared.gradient)
    #expect(alone.loss == shared.loss)
  }

  /// The forward pass is that of inference: the same pools, the same head.
  @Test func lossIsThatOfTheEncoderAndTheHead() throws {
    let tuner = try Self.tuner()
    let configuration = try TinyEncoder.configuration()
    let set = try TinyEncoder.set(rows: 10)
    let outcome = try tuner.train(set, heldOut: set)
    let encoder = try BertEncoder(
      AdaptedWeights(TinyEncoder(), outcome.adapter), configuration, precision: .f32)
    let state = try encoder.makeState(tokenCapacity: 512)
    var batch = PackedBatch()
    for sequence in set.sequences { batch.append(sequence) }
    let width = encoder.width(of: .layerPools)
    var pools = [Float](repeating: 0, count: set.rowCount * width)
    try pools.withUnsafeMutableBufferPointer { try encoder(batch, .layerPools, into: $0, state) }
    var right = 0.0
    var all = 0.0
    for row in 0..<set.rowCount {
      let logits = try pools[row * width..<(row + 1) * width].withUnsafeBufferPointer {
        try outcome.head.logits(of: $0)
      }
      let isTwoWay = row % 3 == 0
      let weight = isTwoWay ? 1.5 : 0.5
      let candidates = isTwoWay ? [0, 2] : [0, 1, 2]
      let best = candidates.max { logits[$0] < logits[$1] }
      all += weight
      if best == set.label(of: row) { right += weight }
    }
    #expect(abs(right / all - outcome.heldOutAccuracy) < 1e-9)
  }
}
