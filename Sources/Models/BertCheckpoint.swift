import Diagnostics
import Tensor

/// A BERT checkpoint's weights by what they are for, under the names that the checkpoint gives them.
package struct BertCheckpoint<Source: WeightSource> {
  package let source: Source
  package let configuration: BertConfiguration
  private let root: String

  package init(_ source: Source, _ configuration: BertConfiguration) {
    self.source = source
    self.configuration = configuration
    // Checkpoints of a whole task model carry a prefix before every name.
    root = source.contains("bert.embeddings.word_embeddings.weight") ? "bert." : ""
  }

  /// What a layer's names begin with.
  package func prefix(layer: Int) -> String { "\(root)encoder.layer.\(layer)." }

  package func embeddings() throws(SibylError) -> EmbeddingTable {
    let width = configuration.dimensions
    return try EmbeddingTable(
      vocabularySize: configuration.vocabularySize,
      positionVectors: source.floats(
        "\(root)embeddings.position_embeddings.weight", shape: [configuration.positions, width]),
      type: Array(
        source.floats("\(root)embeddings.token_type_embeddings.weight", shape: [2, width])[..<width]),
      norm: norm("\(root)embeddings.LayerNorm")
    ) { words throws(SibylError) in
      try source.readFloats(
        "\(root)embeddings.word_embeddings.weight", shape: [configuration.vocabularySize, width], into: words)
    }
  }

  /// A linear layer's matrix, outputs x inputs.
  package func matrix(layer: Int, _ matrix: AdaptedMatrix) throws(SibylError) -> [Float] {
    try source.floats(
      "\(prefix(layer: layer))\(matrix.name).weight",
      shape: [matrix.outputs(configuration), matrix.inputs(configuration)])
  }

  package func bias(layer: Int, _ matrix: AdaptedMatrix) throws(SibylError) -> [Float] {
    try source.floats(
      "\(prefix(layer: layer))\(matrix.name).bias", shape: [matrix.outputs(configuration)])
  }

  /// The normalisation after attention.
  package func attentionNorm(layer: Int) throws(SibylError) -> LayerNorm {
    try norm("\(prefix(layer: layer))attention.output.LayerNorm")
  }

  /// The normalisation after the feed-forward network.
  package func outputNorm(layer: Int) throws(SibylError) -> LayerNorm {
    try norm("\(prefix(layer: layer))output.LayerNorm")
  }

  private func norm(_ name: String) throws(SibylError) -> LayerNorm {
    try LayerNorm(
      weight: source.floats("\(name).weight", shape: [configuration.dimensions]),
      bias: source.floats("\(name).bias", shape: [configuration.dimensions]),
      epsilon: configuration.normEpsilon)
  }
}
