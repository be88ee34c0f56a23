import Diagnostics
import Models
import Tensor
import Threads

/// Fine-tunes a BERT encoder for classification with low-rank adapters (Hu et al. 2021) and a linear head over the
/// normalised mean pools of all its layers, in float32.
///
/// A batch is cut into parts by its rows alone, and the parts' gradients are added in a fixed order: the same rows,
/// options and seed give the same bits on any number of cores.
///
/// Threads: one training at a time; `isCancelled` and `report` are called on the caller's thread.
public final class FineTuner {
  public let options: FineTuningOptions
  public let configuration: BertConfiguration
  private let encoder: TrainableEncoder
  private let layout: ParameterLayout
  private let classNames: [String]

  /// - Parameter weights: the frozen encoder's.
  /// - Throws: `.invalidArgument` where an option is out of range; what reading the weights throws.
  public init(
    _ weights: some WeightSource, _ configuration: BertConfiguration, classNames: [String],
    options: FineTuningOptions = FineTuningOptions()
  ) throws(SibylError) {
    try options.check()
    guard configuration.headDimensions % 32 == 0, configuration.intermediateDimensions % 32 == 0 else {
      throw SibylError(
        .invalidArgument,
        "fine-tuning needs an encoder whose heads and layers have multiples of 32 dimensions")
    }
    guard (2...SoftmaxRegression.maximumClassCount).contains(classNames.count) else {
      throw SibylError(.invalidArgument, "fine-tuning needs at least 2 classes, not \(classNames.count)")
    }
    self.options = options
    self.configuration = configuration
    self.classNames = classNames
    layout = ParameterLayout(
      configuration: configuration, rank: options.rank, classCount: classNames.count)
    encoder = try TrainableEncoder(weights, layout, scale: options.scale)
  }

  /// Numbers that are trained.
  public var parameterCount: Int { layout.count }

  /// Trains on `set` and keeps what does best on `heldOut`.
  ///
  /// - Parameters:
  ///   - initialHead: a head of the plain encoder's layer pools to begin with (Kumar et al. 2022), or nil for zeros.
  ///   - team: other cores, each of which takes parts of a batch.
  ///   - isCancelled: asked before each step; when it answers true, the best so far is the outcome.
  ///   - report: called after steps, some times a second at most.
  /// - Throws: `.invalidArgument` where rows and classes do not fit, or the loss grows beyond all bounds;
  ///   `.cancelled` where there is nothing to keep yet.
  public func train(
    _ set: FineTuningSet, heldOut: FineTuningSet, initialHead: SoftmaxRegression? = nil,
    team: (any Team)? = nil, isCancelled: () -> Bool = { false },
    report: (FineTuningProgress) -> Void = { _ in }
  ) throws(SibylError) -> FineTuningOutcome {
    try check(set)
    try check(heldOut)
    let coresBefore = Workspace.setCoresPerProduct(1)
    defer { Workspace.setCoresPerProduct(coresBefore) }
    let cores = TrainingCores(encoder, team: team)
    let parameters = try initialParameters(initialHead)
    var optimiser = try AdamW(count: layout.count)
    var gradients: [FloatMatrix] = []

    let batches = (set.rowCount + options.batchSize - 1) / options.batchSize
    let (steps, overflow) = batches.multipliedReportingOverflow(by: options.epochs)
    guard !overflow else { throw SibylError(.invalidArgument, "so many rows and epochs can't be counted") }
    let schedule = LearningRateSchedule(steps: steps, warmUp: options.warmUp)
    // Weights say how rows count against each other; the learning rate shall not depend on their size.
    let meanWeight = set.weights.reduce(0.0) { $0 + Double($1) } / Double(set.rowCount)
    let start = MonotonicClock.seconds
    var clock = ProgressClock(start: start, stepTokens: Double(set.tokenCount) / Double(batches))
    var best = Best()
    var last: Double?
    var looksWithoutGain = 0
    var ending = FineTuningOutcome.Ending.complete
    var step = 0
    // A head to begin with is a result already, which training shall not fall behind.
    if initialHead != nil {
      let found = try evaluate(heldOut, parameters, cores)
      last = found.accuracy
      _ = best.take(found, parameters, step: 0)
      clock.skip()
      report(clock.progress(step: 0, steps: steps, heldOut: last, best: last))
    }

    training: while step < steps {
      let epoch = step / batches
      let order = shuffled(set.rowCount, epoch: epoch)
      for batch in 0..<batches {
        if isCancelled() {
          ending = .cancelled
          break training
        }
        let rows = Array(
          order[(batch * options.batchSize)..<min((batch + 1) * options.batchSize, order.count)])
        let seed = options.seed &+ UInt64(truncatingIfNeeded: step) &* 0xD1B5_4A32_D192_ED03
        let parts = MicroBatch.cut(rows, of: set, seed: seed)
        while gradients.count < parts.count {
          gradients.append(try FloatMatrix(rowCapacity: 1, columns: layout.count))
        }
        let result = try cores.evaluate(
          parts, of: set, parameters: parameters, dropout: options.dropout,
          lossScale: Float(1 / (meanWeight * Double(rows.count))), gradients: gradients)
        guard result.loss.isFinite else {
          throw SibylError(
            .invalidArgument,
            "the training's loss grew beyond all bounds after \(step) steps; use a lower learning rate")
        }
        update(parameters, gradients.prefix(parts.count), &optimiser, factor: schedule.factor(step: step))
        step += 1
        clock.note(result, tokens: parts.reduce(0) { $0 + $1.tokens.tokenCount })

        let looks = options.evaluationsPerEpoch
        if (batch + 1) * looks / batches > batch * looks / batches {
          let found = try evaluate(heldOut, parameters, cores)
          last = found.accuracy
          if best.take(found, parameters, step: step) {
            looksWithoutGain = 0
          } else {
            looksWithoutGain += 1
          }
          clock.skip()
        }
        if clock.isDue || step == steps {
          report(
            clock.progress(step: step, steps: steps, heldOut: last, best: best.found?.accuracy))
        }
        if looksWithoutGain >= options.patience, step < steps {
          ending = .stoppedEarly
          break training
        }
      }
    }
    // A training that was cancelled before the first look has still learnt something.
    if best.found == nil, step > 0 {
      _ = best.take(try evaluate(heldOut, parameters, cores), parameters, step: step)
    }
    guard let found = best.found else {
      throw SibylError(.cancelled, "the training was cancelled before its first step")
    }
    return FineTuningOutcome(
      adapter: try adapter(best.parameters), head: try head(best.parameters), ending: ending,
      heldOutAccuracy: found.accuracy, heldOutLoss: found.loss, step: best.step, steps: steps,
      tokensPerSecond: clock.tokensPerSecond, seconds: MonotonicClock.seconds - start)
  }

  // MARK: Steps

  /// Adds the parts' gradients in their order and makes one step.
  private func update(
    _ parameters: FloatMatrix, _ gradients: ArraySlice<FloatMatrix>, _ optimiser: inout AdamW, factor: Float
  ) {
    guard let sum = gradients.first?[row: 0] else { return }
    for other in gradients.dropFirst() {
      let other = other[row: 0]
      for index in 0..<layout.count { sum[index] += other[index] }
    }
    let all = UnsafeBufferPointer(start: sum, count: layout.count)
    let norm = Float(VectorMath.norm(all))
    let scale = norm > options.gradientNorm ? options.gradientNorm / norm : 1
    optimiser.advance()
    let values = parameters[row: 0]
    optimiser.update(
      values, 0..<layout.adapterCount, gradient: sum, gradientScale: scale,
      learningRate: options.learningRate * factor, weightDecay: options.weightDecay)
    optimiser.update(
      values, layout.headWeights, gradient: sum, gradientScale: scale,
      learningRate: options.headLearningRate * factor, weightDecay: options.weightDecay)
    optimiser.update(
      values, layout.headBiases, gradient: sum, gradientScale: scale,
      learningRate: options.headLearningRate * factor, weightDecay: 0)
  }

  private func shuffled(_ count: Int, epoch: Int) -> [Int] {
    var numbers = SplitMix64(seed: options.seed &+ UInt64(truncatingIfNeeded: epoch) &* 0xA24B_AED4_963E_E407)
    var order = Array(0..<count)
    for position in stride(from: count - 1, to: 0, by: -1) {
      order.swapAt(position, numbers.next(below: position + 1))
    }
    return order
  }

  // MARK: Measuring

  /// How held-out rows come out.
  private struct Found {
    let accuracy: Double
    let loss: Double
  }

  /// The best parameters so far.
  private struct Best {
    var found: Found?
    var parameters: [Float] = []
    var step = 0

    /// Keeps the parameters where they are better: more rows right, or as many at less loss.
    mutating func take(_ new: Found, _ values: FloatMatrix, step: Int) -> Bool {
      if let found, (new.accuracy, -new.loss) <= (found.accuracy, -found.loss) { return false }
      found = new
      parameters = values.values(rows: 0..<1)
      self.step = step
      return true
    }
  }

  private func evaluate(
    _ set: FineTuningSet, _ parameters: FloatMatrix, _ cores: TrainingCores
  ) throws(SibylError) -> Found {
    var parts: [MicroBatch] = []
    var part = MicroBatch()
    for row in 0..<set.rowCount {
      if part.tokens.tokenCount > 0, part.tokens.tokenCount + set.sequences[row].count > 256 {
        parts.append(part)
        part = MicroBatch()
      }
      part.append(set.sequences[row], row: row, seed: 0)
    }
    parts.append(part)
    let result = try cores.evaluate(parts, of: set, parameters: parameters)
    let weight = max(result.weight, .leastNormalMagnitude)
    return Found(accuracy: result.rightWeight / weight, loss: result.loss / weight)
  }

  // MARK: Parameters

  private func check(_ set: FineTuningSet) throws(SibylError) {
    let longest = set.sequences.reduce(0) { max($0, $1.count) }
    guard set.classNames == classNames, set.rowCount > 0, set.weights.contains(where: { $0 > 0 }) else {
      throw SibylError(
        .invalidArgument,
        "fine-tuning needs rows with a weight above 0 of the classes \(classNames.prefix(5).joined(separator: ", "))"
          + "; \(set.rowCount) rows came, of the classes \(set.classNames.prefix(5).joined(separator: ", "))")
    }
    guard longest <= configuration.windowLength else {
      throw SibylError(
        .invalidArgument,
        "a training row has \(longest) tokens, the encoder takes \(configuration.windowLength) at once")
    }
  }

  private func initialParameters(_ head: SoftmaxRegression?) throws(SibylError) -> FloatMatrix {
    let parameters = try FloatMatrix(rowCapacity: 1, columns: layout.count)
    let values = parameters[row: 0]
    values.update(repeating: 0, count: layout.count)
    var numbers = SplitMix64(seed: options.seed ^ 0x5EED_0FAD_A97E_125C)
    for layer in 0..<configuration.layers {
      for matrix in AdaptedMatrix.allCases {
        let bound = 1 / Float(matrix.inputs(configuration)).squareRoot()
        for index in layout.a(layer: layer, matrix) {
          let share = Float(numbers.next() >> 40) / 16_777_216
          values[index] = (2 * share - 1) * bound
        }
      }
    }
    guard let head else { return parameters }
    guard head.classNames == classNames, head.featureCount == layout.featureCount else {
      throw SibylError(
        .invalidArgument,
        "the head to begin with has \(head.classCount) classes and \(head.featureCount) features, the training "
          + "\(classNames.count) and \(layout.featureCount)")
    }
    for (index, weight) in head.weights.enumerated() {
      values[layout.headWeights.lowerBound + index] = weight
    }
    for (index, bias) in head.biases.enumerated() { values[layout.headBiases.lowerBound + index] = bias }
    return parameters
  }

  private func adapter(_ parameters: [Float]) throws(SibylError) -> LowRankAdapter {
    var factors: [LowRankAdapter.Factors] = []
    for layer in 0..<configuration.layers {
      for matrix in AdaptedMatrix.allCases {
        factors.append(
          LowRankAdapter.Factors(
            a: Array(parameters[layout.a(layer: layer, matrix)]),
            b: Array(parameters[layout.b(layer: layer, matrix)])))
      }
    }
    return try LowRankAdapter(
      configuration: configuration, rank: options.rank, scale: options.scale, factors: factors)
  }

  private func head(_ parameters: [Float]) throws(SibylError) -> SoftmaxRegression {
    try SoftmaxRegression(
      classNames: classNames, featureCount: layout.featureCount,
      weights: Array(parameters[layout.headWeights]), biases: Array(parameters[layout.headBiases]))
  }
}

// MARK: Gradient check

extension FineTuner {
  /// The loss of all rows of a set and its gradient, for a test that compares it with finite differences.
  package func lossAndGradient(
    of set: FineTuningSet, parameters values: [Float], dropout: Float = 0, team: (any Team)? = nil
  ) throws(SibylError) -> (loss: Double, gradient: [Float]) {
    try check(set)
    guard values.count == layout.count else {
      throw SibylError(.internalFault, "\(layout.count) parameters are needed, not \(values.count)")
    }
    let coresBefore = Workspace.setCoresPerProduct(1)
    defer { Workspace.setCoresPerProduct(coresBefore) }
    let parameters = try FloatMatrix(rowCapacity: 1, columns: layout.count)
    parameters.load(values)
    let parts = MicroBatch.cut(Array(0..<set.rowCount), of: set, seed: options.seed)
    var gradients: [FloatMatrix] = []
    for _ in parts { gradients.append(try FloatMatrix(rowCapacity: 1, columns: layout.count)) }
    let result = try TrainingCores(encoder, team: team).evaluate(
      parts, of: set, parameters: parameters, dropout: dropout, gradients: gradients)
    var sum = [Float](repeating: 0, count: layout.count)
    for gradient in gradients { for index in sum.indices { sum[index] += gradient[row: 0][index] } }
    return (result.loss, sum)
  }

  /// The parts of the parameter vector, with names for a test's message.
  package var parameterRanges: [(name: String, range: Range<Int>)] {
    var ranges: [(String, Range<Int>)] = []
    for layer in 0..<configuration.layers {
      for matrix in AdaptedMatrix.allCases {
        ranges.append(("A of \(matrix.name) in layer \(layer)", layout.a(layer: layer, matrix)))
        ranges.append(("B of \(matrix.name) in layer \(layer)", layout.b(layer: layer, matrix)))
      }
    }
    return ranges + [("the head's weights", layout.headWeights), ("the head's biases", layout.headBiases)]
  }
}
