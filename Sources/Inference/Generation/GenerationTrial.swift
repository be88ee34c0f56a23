import Diagnostics
import Models
import Sampling
import Threads

/// Times a decoder at work, on the steps that serve callers' requests: reading, choosing tokens and all that is
/// between two passes. Prompts are tokens by chance, and answers do not end early, so that the work is the same
/// whatever the model.
///
/// Threads: belongs to one thread.
package struct GenerationTrial {
  /// Bytes of packed weights.
  package let weightBytes: Int
  /// Bytes that keys and values may take.
  package let cacheBytes: Int
  private let loop: GenerationLoop
  private let vocabularySize: Int

  init(_ loaded: LoadedDecoder, perform: @escaping GenerationLoop.Perform) throws(SibylError) {
    let model = loaded.model
    weightBytes = loaded.size
    cacheBytes = LoadedDecoder.generationMemory
    vocabularySize = model.tokenizer.vocabularySize
    loop = try GenerationLoop(
      model, cache: try model.decoder.makeCache(budget: LoadedDecoder.generationMemory), perform: perform)
  }

  /// The seconds in which all prompts are read, to each one's first token.
  ///
  /// - Parameter seed: other prompts for another seed, so that nothing of them has been read before.
  package func prefill(rows: Int, promptTokens: Int, seed: UInt64) throws(SibylError) -> Double {
    try run(rows: rows, promptTokens: promptTokens, answerTokens: 1, seed: seed).reduce(0) { $0 + $1.seconds }
  }

  /// The seconds in which each row gets `steps` tokens, one a step, behind prompts that have been read.
  package func decode(rows: Int, promptTokens: Int, steps: Int, seed: UInt64) throws(SibylError) -> Double {
    // While prompts are still being read, steps have other sizes, and rows that were read first end earlier: as many
    // tokens again as that takes leave `steps` of them with all rows.
    let reading = rows * promptTokens / GenerationLoop.mostTokens + 2
    let taken = try run(
      rows: rows, promptTokens: promptTokens, answerTokens: steps + reading + 1, seed: seed
    ).filter { $0.tokens == rows }
    guard taken.count >= steps else {
      throw SibylError(.internalFault, "only \(taken.count) of \(steps) steps had all \(rows) rows")
    }
    return taken.suffix(steps).reduce(0) { $0 + $1.seconds }
  }

  private func run(
    rows: Int, promptTokens: Int, answerTokens: Int, seed: UInt64
  ) throws(SibylError) -> [(tokens: Int, seconds: Double)] {
    let stop = try StopCondition(maximumTokens: answerTokens, ignoresEndToken: true)
    let request = GenerationRequest(
      prompts: prompts(rows, promptTokens, seed), task: .write(GenerationOptions(stop: stop)))
    var steps: [(tokens: Int, seconds: Double)] = []
    var next = 0
    while next < rows || !loop.isIdle {
      let start = MonotonicClock.seconds
      while loop.hasRoom, next < rows {
        loop.admit(GenerationQueue.Item(request: request, prompt: next))
        next += 1
      }
      var tokens = 0
      loop.step { tokens += $0.readTokens }
      steps.append((tokens, MonotonicClock.seconds - start))
    }
    for outcome in request.wait(isCancelled: nil) { _ = try outcome.get() }
    return steps
  }

  private func prompts(_ rows: Int, _ length: Int, _ seed: UInt64) -> [[Int32]] {
    var random = seed &* 0x9E37_79B9_7F4A_7C15 &+ 1
    return (0..<rows).map { _ in
      (0..<length).map { _ in
        random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int32(truncatingIfNeeded: Int(random >> 33) % vocabularySize)
      }
    }
  }
}
