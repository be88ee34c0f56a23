import Diagnostics
import ModelFiles
import Tensor

/// A decoder of the Llama family (Touvron et al. 2023), such as SmolLM2, Qwen2 or Qwen3.
///
///     h₀ = embedding of the token
///     hᵢ = layerᵢ(hᵢ₋₁), which reads the keys and values of earlier tokens from the cache
///     logits = W_output · norm(h)
///
/// A row's result depends on its sequence alone: not on the batch, on the order of the sequences in it, on how a
/// prompt was cut into steps, nor on the number of threads.
///
/// Threads: immutable; any number of workers may run it, each with its own `LlamaState` and on sequences of its
/// own, which may share one cache.
public final class LlamaDecoder: Sendable {
  public let configuration: LlamaConfiguration
  public let precision: Precision
  private let embeddings: TokenTable
  private let rotary: RotaryEmbedding
  private let layers: [LlamaLayer]
  /// Each layer's first norm, and the last one, in the order of their use.
  private let norms: [RMSNorm]
  private let output: [LinearLayer]

  /// Outputs of a panel of the output layer: its products then stay in a core's own cache.
  static let panelWidth = 4096

  public init(_ file: GGUFFile, precision: Precision) throws(SibylError) {
    let configuration = try LlamaConfiguration(file)
    let weights = LlamaWeights(
      file: file, configuration: configuration, precision: precision, shapes: try LayerShapes(areShared: true)
    )
    self.configuration = configuration
    self.precision = precision
    embeddings = try weights.embeddings()
    let rotary = try configuration.rotary.makeEmbedding()
    self.rotary = rotary
    var layers: [LlamaLayer] = []
    var norms: [RMSNorm] = []
    for layer in 0..<configuration.layers {
      norms.append(try weights.norm("blk.\(layer).attn_norm"))
      layers.append(try LlamaLayer(weights, layer: layer, rotary: rotary))
    }
    norms.append(try weights.norm("output_norm"))
    self.layers = layers
    self.norms = norms
    output = try weights.output()
  }

  /// Bytes of weights in memory.
  public var size: Int {
    layers.reduce(embeddings.size) { $0 + $1.size } + output.reduce(0) { $0 + $1.size }
  }

  /// What a token takes in a cache.
  public var cacheShape: KeyValueCache.Shape {
    KeyValueCache.Shape(
      layers: configuration.layers, heads: configuration.cacheHeads,
      headDimensions: configuration.headDimensions, isHalf: precision != .f32)
  }

  /// - Parameter budget: bytes that the keys and values of all sequences together may take.
  public func makeCache(budget: Int) throws(SibylError) -> KeyValueCache {
    try KeyValueCache(cacheShape, budget: budget)
  }

  /// Buffers for steps of up to `tokenCapacity` tokens and `logitCapacity` rows of logits.
  public func makeState(tokenCapacity: Int, logitCapacity: Int) throws(SibylError) -> LlamaState {
    try LlamaState(
      configuration, precision: precision, tokenCapacity: tokenCapacity, logitCapacity: logitCapacity,
      widestLayer: max(
        configuration.projectedDimensions, 2 * configuration.intermediateDimensions,
        configuration.dimensions, Self.panelWidth),
      logitColumns: (configuration.vocabularySize + 31) / 32 * 32)
  }

  /// Reads the batch's tokens. Afterwards the sequences are longer by them, and the logits that were asked for
  /// are in the state.
  ///
  /// - Throws: `invalidArgument` where a token is not in the vocabulary, or a sequence is longer than the
  ///   model's context; `unavailable` where the cache is out of pages. The sequences have not changed then.
  public func callAsFunction(_ batch: DecoderBatch, _ state: LlamaState) throws(SibylError) {
    guard batch.tokenCount > 0 else { return }
    guard
      batch.tokenCount <= state.tokenCapacity, batch.logitCount <= state.logitCapacity,
      Set(batch.sequences.map { ObjectIdentifier($0.0) }).count == batch.sequences.count
    else { throw SibylError(.internalFault, "a batch does not fit the decoder's buffers") }
    for (sequence, count) in batch.sequences where sequence.length + count > configuration.contextLength {
      throw SibylError(
        .invalidArgument,
        "the text and what is to follow it take more than the model's \(configuration.contextLength) tokens; "
          + "shorten the text")
    }
    let rows = 0..<batch.tokenCount
    try embeddings(batch.ids, into: state.hidden)
    let cached = try CachedBatch(batch.sequences, shape: cacheShape)
    try rotary.fill(state.angles, positions: cached.positions)
    try norms[0](state.hidden, rows: rows, into: state.input, state.workspace)
    let tiles = state.tiles(of: rows)
    for (index, layer) in layers.enumerated() {
      if index == layers.count - 1, batch.logitCount < batch.tokenCount {
        try layer(state, cached, tiles: tiles, only: batch.logitRows, next: norms[index + 1])
      } else {
        try layer(state, cached, tiles: tiles, next: norms[index + 1])
      }
    }
    if batch.logitCount == batch.tokenCount {
      try state.selected.copyRows(batch.logitRows, of: state.input)
    }
    cached.finish()
    try writeLogits(batch.logitCount, state)
  }

  private func writeLogits(_ count: Int, _ state: LlamaState) throws(SibylError) {
    guard count > 0 else { return }
    try state.forEach(output.indices.map { $0..<($0 + 1) }) { [self] (panel, workspace) throws(SibylError) in
      for index in panel {
        try output[index].project(
          state.selected, rows: 0..<count, into: state.logitMatrix, column: index * Self.panelWidth,
          workspace)
      }
    }
  }
}
