import Diagnostics
import Tensor

/// A BERT encoder with mean pooling (Devlin et al. 2019; Reimers and Gurevych 2019), such as
/// all-MiniLM-L6-v2.
///
///     h₀ = norm(word + position + type)
///     hᵢ = layerᵢ(hᵢ₋₁)
///     pool(h) = mean of the sequence's tokens, L2-normalised
///
/// Threads: immutable; any number of workers may run it, each with its own `BertState`.
public final class BertEncoder: Sendable {
  public let configuration: BertConfiguration
  public let precision: Precision
  private let embeddings: EmbeddingTable
  private let layers: [BertLayer]

  private let ownsEmbeddings: Bool

  /// - Parameters:
  ///   - adapter: a change that is added to the weights while they are read, or nil for none.
  ///   - sibling: an encoder of the same weights, with or without another change, whose embeddings this one shares:
  ///     adapters leave them alone. Nil reads them.
  /// - Throws: `.invalidArgument` when the adapter is for an encoder of other sizes.
  public convenience init(
    _ weights: some WeightSource, _ configuration: BertConfiguration, precision: Precision,
    adapter: LowRankAdapter? = nil, sibling: BertEncoder? = nil
  ) throws(SibylError) {
    let plain = BertCheckpoint(weights, configuration)
    let shared = sibling?.configuration == configuration ? sibling?.embeddings : nil
    let embeddings: EmbeddingTable
    if let shared { embeddings = shared } else { embeddings = try plain.embeddings() }
    guard let adapter else {
      try self.init(plain, embeddings, ownsEmbeddings: shared == nil, precision: precision)
      return
    }
    guard adapter.configuration == configuration else {
      throw SibylError(
        .invalidArgument,
        "the adapter is for an encoder of \(adapter.configuration.layers) layers with "
          + "\(adapter.configuration.dimensions) dimensions, this one has \(configuration.layers) with "
          + "\(configuration.dimensions)")
    }
    try self.init(
      BertCheckpoint(AdaptedWeights(weights, adapter), configuration), embeddings,
      ownsEmbeddings: shared == nil, precision: precision)
  }

  private init<Source: WeightSource>(
    _ checkpoint: BertCheckpoint<Source>, _ embeddings: EmbeddingTable, ownsEmbeddings: Bool,
    precision: Precision
  ) throws(SibylError) {
    configuration = checkpoint.configuration
    self.precision = precision
    self.embeddings = embeddings
    self.ownsEmbeddings = ownsEmbeddings
    let shapes = try LayerShapes(
      areShared: false, int8Weights: precision == .int8 ? configuration.weightsInLayers : 0)
    var layers: [BertLayer] = []
    for index in 0..<checkpoint.configuration.layers {
      layers.append(
        try BertLayer(
          checkpoint.source, prefix: checkpoint.prefix(layer: index), checkpoint.configuration,
          precision: precision, shapes: shapes))
    }
    self.layers = layers
  }

  /// Bytes of weights in memory that are its own.
  public var size: Int { layers.reduce(ownsEmbeddings ? embeddings.size : 0) { $0 + $1.size } }

  /// Floats that `output` takes for one sequence.
  public func width(of output: EncoderOutput) -> Int {
    switch output {
    case .sentenceEmbedding: return configuration.dimensions
    case .layerPools: return configuration.dimensions * layers.count
    }
  }

  /// Buffers for batches of up to `tokenCapacity` tokens.
  public func makeState(tokenCapacity: Int) throws(SibylError) -> BertState {
    try BertState(
      configuration, precision: precision, tokenCapacity: max(tokenCapacity, configuration.windowLength))
  }

  /// Runs the batch and writes one row of `width(of: output)` floats a sequence to `pools`.
  ///
  /// - Throws: when the batch or a sequence is longer than the state's capacity or the model's window.
  public func callAsFunction(
    _ batch: PackedBatch, _ output: EncoderOutput, into pools: UnsafeMutableBufferPointer<Float>,
    _ state: BertState
  ) throws(SibylError) {
    let rowWidth = width(of: output)
    guard
      batch.tokenCount <= state.tokenCapacity, let base = pools.baseAddress,
      pools.count >= batch.sequences.count * rowWidth
    else { throw SibylError(.internalFault, "a batch does not fit the encoder's buffers") }

    guard !layers.isEmpty, batch.tokenCount > 0 else { return }

    try embeddings(
      ids: batch.ids, positionIDs: batch.positionIDs, hidden: state.hidden, into: state.input)
    let shares = try state.cut(rows: batch.tokenCount)
    try state.forEach(shares) { [layers] (rows, share) throws(SibylError) in
      try layers[0].project(rows, state, share, into: state.projections(layer: 0))
    }
    for index in layers.indices {
      try state.forEach(shares) { [layers] (rows, share) throws(SibylError) in
        try layers[index].finish(
          rows, state, share, projections: state.projections(layer: index), sequences: batch.sequences)
        let next = index + 1
        guard next < layers.count else { return }
        try layers[next].project(rows, state, share, into: state.projections(layer: next))
      }
      let slot: Int
      switch output {
      case .layerPools: slot = index
      case .sentenceEmbedding where index == layers.count - 1: slot = 0
      case .sentenceEmbedding: continue
      }
      for (row, sequence) in batch.sequences.enumerated() {
        VectorMath.meanPool(
          state.hidden, rows: sequence, into: base + row * rowWidth + slot * configuration.dimensions)
      }
    }
  }
}
