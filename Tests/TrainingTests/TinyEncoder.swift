import Diagnostics
import JSON
import Models
import Tensor
import TestSupport
import Training

/// A BERT encoder of random numbers, small enough to be differentiated by hand.
struct TinyEncoder: WeightSource {
  static let vocabularySize = 64

  static func configuration() throws -> BertConfiguration {
    try BertConfiguration(
      config: JSON.parse(
        """
        {"model_type":"bert","vocab_size":64,"hidden_size":64,"num_hidden_layers":2,"num_attention_heads":2,
         "intermediate_size":96,"max_position_embeddings":40,"layer_norm_eps":1e-12}
        """))
  }

  func contains(_ name: String) -> Bool { !name.hasPrefix("bert.") }

  func readFloats(
    _ name: String, shape: [Int], into buffer: UnsafeMutableBufferPointer<Float>
  ) throws(SibylError) {
    var generator = SeededGenerator(
      seed: name.utf8.reduce(14_695_981_039_346_656_037) { ($0 ^ UInt64($1)) &* 1_099_511_628_211 })
    let isScale = name.hasSuffix("LayerNorm.weight")
    let size: Float = shape.count == 2 ? 1.5 / Float(shape[1]).squareRoot() : 0.2
    for index in buffer.indices {
      buffer[index] = (isScale ? 1 : 0) + size * Float.random(in: -1...1, using: &generator)
    }
  }

  /// Random sequences of 2 to `longest` tokens with two or three classes; some rows leave a class out.
  static func set(rows: Int, longest: Int = 21, seed: UInt64 = 1) throws -> FineTuningSet {
    var generator = SeededGenerator(seed: seed)
    var set = try FineTuningSet(classNames: ["low", "middle", "high"])
    for row in 0..<rows {
      let length = 2 + (row * 7) % (longest - 1)
      let sequence = (0..<length).map { _ in Int32.random(in: 0..<Int32(vocabularySize), using: &generator) }
      // What there is to learn: which half of the vocabulary most tokens are from.
      let high = sequence.count { $0 >= 32 }
      let isHigh = 2 * high > sequence.count
      if row % 3 == 0 {
        try set.append(
          sequence, targets: [isHigh ? 0 : 1, 0, isHigh ? 1 : 0], weight: 1.5, offsets: [0, -.infinity, 0])
      } else {
        try set.append(sequence, targets: [isHigh ? 0.1 : 0.7, 0.2, isHigh ? 0.7 : 0.1], weight: 0.5)
      }
    }
    return set
  }
}

final class BackwardTeam: Team {
  let cores = 2
  func run(parts: Int, _ body: @escaping (Int) -> Void) {
    for part in (0..<parts).reversed() { body(part) }
  }
}
