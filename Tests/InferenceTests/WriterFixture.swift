import Foundation
import Inference
import ModelFiles
import Sampling
import TestSupport
import Testing
import Tokenization

/// A tiny decoder that writes nonsense, but always the same; scripts/generate-writer-fixture.py makes it.
struct WriterFixture {
  let engine: InferenceEngine
  let generator: TextGenerator
  private let folder: TemporaryFolder

  init(cores: Int = 2) throws {
    folder = try TemporaryFolder()
    let file = try #require(
      Bundle.module.url(forResource: "writer", withExtension: "gguf", subdirectory: "Fixtures"))
    let store = ModelStore(root: folder["models"])
    try store.add("writer", path: file.path)
    engine = InferenceEngine(cores: cores)
    generator = try engine.generator(for: store.model(named: "writer"))
  }

  /// A conversation's tokens.
  func prompt(_ text: String) throws -> [Int32] {
    try generator.chatEncoder().encode([ChatMessage(.user, text)])
  }

  func options(
    tokens: Int = 24, temperature: Double = 0, seed: UInt64 = 0, stops: [String] = [],
    _ constraint: Constraint? = nil
  ) throws -> GenerationOptions {
    GenerationOptions(
      stop: try StopCondition(maximumTokens: tokens, stops: stops),
      sampling: try SamplingOptions(temperature: temperature, seed: seed), constraint: constraint)
  }

  func texts(_ prompts: [[Int32]], _ options: GenerationOptions) throws -> [String] {
    try generator.write(prompts, options: options).map { try $0.get().text }
  }
}
