import Diagnostics
import JSON
import Models
import Testing

@Suite struct BertConfigurationTests {
  static let good = """
    {"model_type":"bert","vocab_size":30522,"hidden_size":384,"num_hidden_layers":6,
     "num_attention_heads":12,"intermediate_size":1536,"max_position_embeddings":512,
     "hidden_act":"gelu","layer_norm_eps":1e-12}
    """

  @Test func readsTheSizes() throws {
    let configuration = try BertConfiguration(
      config: JSON.parse(Self.good), sentenceConfig: JSON.parse(#"{"max_seq_length":256}"#))
    #expect(configuration.headDimensions == 32)
    #expect(configuration.windowLength == 256)
    #expect(try BertConfiguration(config: JSON.parse(Self.good)).windowLength == 512)
  }

  @Test(arguments: [
    (#""model_type":"bert""#, #""model_type":"roberta""#), (#""hidden_act":"gelu""#, #""hidden_act":"relu""#),
    (#""hidden_size":384"#, #""hidden_size":-1"#), (#""hidden_size":384"#, #""hidden_size":1e300"#),
    (#""num_attention_heads":12"#, #""num_attention_heads":7"#),
    (#""num_hidden_layers":6"#, #""num_hidden_layers":"six""#), (#""vocab_size":30522,"#, ""),
    (#""layer_norm_eps":1e-12"#, #""layer_norm_eps":-4"#),
  ])
  func refusesOthers(from: String, to: String) throws {
    let text = Self.good.replacing(from, with: to)
    #expect(text != Self.good)
    #expect(throws: SibylError.self) { try BertConfiguration(config: JSON.parse(text)) }
  }

  @Test func windowsCoverTheTextAndAreOfEqualLength() {
    let windows = TextWindows(windowLength: 256, classifierID: 101, separatorID: 102)
    for count in [0, 1, 253, 254, 255, 260, 508, 509, 10_000] {
      let split = windows.split(tokenCount: count)
      #expect(split.first?.lowerBound == 0 && split.last?.upperBound == count)
      #expect(zip(split, split.dropFirst()).allSatisfy { $0.upperBound == $1.lowerBound })
      let lengths = split.map(\.count)
      #expect((lengths.max() ?? 0) <= 254 && (lengths.max() ?? 0) - (lengths.min() ?? 0) <= 1)
    }
  }
}
