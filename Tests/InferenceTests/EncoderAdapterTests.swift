import Diagnostics
import Inference
import ModelFiles
import Models
import Testing

private let model = try? ModelStore().model(named: "minilm")

@Suite(
  "Adapted encoders", .enabled(if: model != nil, "SKIPPED: the model is not installed; run: make models"))
struct EncoderAdapterTests {
  static let texts = (0..<40).map { "row \($0) says that it is \($0.isMultiple(of: 2) ? "good" : "bad")" }

  /// A change that grows with `size`, or none for 0.
  private func adapter(_ size: Float, for model: InstalledModel) throws -> EncoderAdapter {
    let configuration = try EncoderModel.configuration(of: model)
    let factors = (0..<configuration.layers).flatMap { layer in
      AdaptedMatrix.allCases.map { matrix in
        LowRankAdapter.Factors(
          a: (0..<matrix.inputs(configuration)).map { Float(($0 * 7 + layer) % 11) / 11 - 0.45 },
          b: (0..<matrix.outputs(configuration)).map { size * (Float($0 % 13) / 13 - 0.45) })
      }
    }
    return EncoderAdapter(
      digest: Digest(of: Array("\(size)".utf8)),
      change: try LowRankAdapter(configuration: configuration, rank: 1, scale: 1, factors: factors))
  }

  private func pools(
    _ engine: InferenceEngine, _ model: InstalledModel, _ adapter: EncoderAdapter?
  ) throws -> [Float] {
    try engine.encode(Self.texts, model: model, adapter: adapter, output: .layerPools).values
  }

  @Test func aChangeOfNothingChangesNoBit() throws {
    let model = try #require(model)
    let engine = InferenceEngine(cores: 1)
    defer { engine.stop() }
    #expect(try pools(engine, model, adapter(0, for: model)) == pools(engine, model, nil))
  }

  /// Whichever of them is loaded first owns the embeddings that all share; none gets another's answers.
  @Test func eachKeepsItsAnswersBesideTheOthers() throws {
    let model = try #require(model)
    let adapters = [nil, try adapter(0.02, for: model), try adapter(0.05, for: model)]
    let alone = try adapters.map { adapter in
      let engine = InferenceEngine(cores: 1)
      defer { engine.stop() }
      return try pools(engine, model, adapter)
    }
    #expect(alone[0] != alone[1] && alone[1] != alone[2] && alone[0] != alone[2])
    for order in [[0, 1, 2], [2, 0, 1], [1, 2, 0]] {
      let engine = InferenceEngine(cores: 2)
      defer { engine.stop() }
      for index in order + order.reversed() {
        let found = try pools(engine, model, adapters[index])
        #expect(found == alone[index], "adapter \(index) in the order \(order)")
      }
    }
  }

  @Test func itsTokenizerNeedsNoPlainEncoder() throws {
    let model = try #require(model)
    let engine = InferenceEngine(cores: 1)
    defer { engine.stop() }
    let found = try engine.tokenizer(for: model, adapter: adapter(0.02, for: model)).encode("Héllo, world")
    #expect(try found == engine.tokenizer(for: model).encode("Héllo, world"))
  }

  @Test func thoseThatComeWithSibylAreForTheInstalledModel() throws {
    let model = try #require(model)
    let sentiment = try BundledClassifier.sentiment.content(for: model)
    #expect(sentiment.head.classNames == SentimentLabel.allCases.map(\.description))
    #expect(sentiment.change != nil)
    let emotion = try BundledClassifier.emotion.content(for: model)
    #expect(emotion.head.classNames == ["anger", "joy", "optimism", "sadness"])
    for content in [sentiment, emotion] { #expect(content.recipe.hasPrefix("sibyl train ")) }
    #expect(BundledClassifier.sentiment.digest != BundledClassifier.emotion.digest)
  }
}
