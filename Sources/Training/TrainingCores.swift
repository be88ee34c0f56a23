import Diagnostics
import Models
import Tensor
import Threads

/// Runs the parts of a batch on the cores there are, each pass with buffers that nobody else has.
final class TrainingCores {
  private let encoder: TrainableEncoder
  private let team: (any Team)?
  private let idle = Guarded<[PassBuffers]>([])

  init(_ encoder: TrainableEncoder, team: (any Team)?) {
    self.encoder = encoder
    self.team = team
  }

  private final class Results: @unchecked Sendable {
    /// Each part writes its own.
    let base: UnsafeMutablePointer<TrainableEncoder.Result>
    init(count: Int) {
      base = .allocate(capacity: max(count, 1))
      base.initialize(repeating: TrainableEncoder.Result(), count: max(count, 1))
    }
    deinit { base.deallocate() }
  }

  /// Takes the parts through the encoder, and back where there are gradients, one for each part.
  ///
  /// - Returns: the sum of the parts' results, in their order.
  func evaluate(
    _ parts: [MicroBatch], of set: FineTuningSet, parameters: FloatMatrix, dropout: Float = 0,
    lossScale: Float = 1, gradients: [FloatMatrix]? = nil
  ) throws(SibylError) -> TrainableEncoder.Result {
    let results = Results(count: parts.count)
    let failure = Failure()
    let work = { [encoder, idle] (part: Int) in
      failure.catching { () throws(SibylError) in
        var buffers = idle.withLock { $0.popLast() }
        if buffers?.holds(parts[part], heads: encoder.layout.configuration.heads) != true {
          buffers = nil
          buffers = try encoder.makeBuffers(for: parts[part])
        }
        guard let buffers else { return }
        defer { idle.withLock { $0.append(buffers) } }
        results.base[part] = try encoder.evaluate(
          parts[part], of: set, parameters: parameters[row: 0], dropout: dropout, buffers,
          lossScale: lossScale, gradient: gradients.map { $0[part][row: 0] })
      }
    }
    if let team, parts.count > 1 {
      team.run(parts: parts.count, work)
    } else {
      for part in parts.indices { work(part) }
    }
    try failure.rethrow()
    return (0..<parts.count).reduce(TrainableEncoder.Result()) { $0 + results.base[$1] }
  }
}
