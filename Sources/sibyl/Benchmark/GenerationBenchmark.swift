import Diagnostics
import Inference
import JSON
import ModelFiles
import Tensor

/// Times a decoder: reading many prompts, writing many answers at once, and writing one.
struct GenerationBenchmark {
  let model: InstalledModel
  let rows: Int
  let promptTokens: Int
  let steps: Int

  /// - Returns: tokens a second in each repetition, after one that is not timed, and the memory of weights and of
  ///   keys and values.
  func run(repetitions: Int) throws(SibylError) -> JSON {
    let trial = try InferenceEngine.shared.generationTrial(for: model)
    var prefill: [JSON] = []
    var decodeMany: [JSON] = []
    var decodeOne: [JSON] = []
    for repetition in 0...repetitions {
      let seed = UInt64(repetition) &* 3
      let reading = try trial.prefill(rows: rows, promptTokens: promptTokens, seed: seed)
      let many = try trial.decode(rows: rows, promptTokens: promptTokens, steps: steps, seed: seed + 1)
      let one = try trial.decode(rows: 1, promptTokens: promptTokens, steps: steps, seed: seed + 2)
      guard repetition > 0 else { continue }
      prefill.append(.number(Double(rows * promptTokens) / reading))
      decodeMany.append(.number(Double(rows * steps) / many))
      decodeOne.append(.number(Double(steps) / one))
    }
    return [
      "prefill": .array(prefill),
      "decode_many": .array(decodeMany),
      "decode_one": .array(decodeOne),
      "rows": .integer(Int64(rows)),
      "prompt_tokens": .integer(Int64(promptTokens)),
      "steps": .integer(Int64(steps)),
      "weight_bytes": .integer(Int64(trial.weightBytes)),
      "cache_bytes": .integer(Int64(trial.cacheBytes)),
      "precision": .string(try Precision.preferred().rawValue),
      "cores": .integer(Int64(InferenceEngine.shared.cores)),
    ]
  }
}
