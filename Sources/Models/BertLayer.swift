import Diagnostics
import Tensor

/// One block of a BERT encoder (Devlin et al. 2019; Vaswani et al. 2017, section 3.1), post-norm:
///
///     a = norm(x + W_o · attention(W_qkv · x))
///     y = norm(a + W_down · GELU(W_up · a))
///
/// Threads: immutable; the state belongs to one worker and its team, who take different rows.
final class BertLayer: Sendable {
  /// Queries, keys and values in one product. `attention.self.{query,key,value}`
  let queriesKeysValues: LinearLayer
  /// `attention.output.dense`
  let attentionOutput: LinearLayer
  /// `attention.output.LayerNorm`
  let attentionNorm: LayerNorm
  /// `intermediate.dense`
  let up: LinearLayer
  /// `output.dense`
  let down: LinearLayer
  /// `output.LayerNorm`
  let outputNorm: LayerNorm

  init(
    _ weights: some WeightSource, prefix: String, _ configuration: BertConfiguration,
    precision: Precision, shapes: LayerShapes
  ) throws(SibylError) {
    let width = configuration.dimensions
    let inner = configuration.intermediateDimensions

    // Every matrix passes through the same memory on its way to its packed form.
    let matrix = UnsafeMutableBufferPointer<Float>.allocate(capacity: max(3 * width, inner) * width)
    defer { matrix.deallocate() }

    // Attention divides its scores by √headDimensions; scaling the queries' weights does it for free.
    let queryScale = 1 / Float(configuration.headDimensions).squareRoot()
    var joinedBias: [Float] = []
    for (index, part) in ["query", "key", "value"].enumerated() {
      let name = "\(prefix)attention.self.\(part)"
      let place = UnsafeMutableBufferPointer(
        rebasing: matrix[(index * width * width)..<((index + 1) * width * width)])
      try weights.readFloats("\(name).weight", shape: [width, width], into: place)
      let bias = try weights.floats("\(name).bias", shape: [width])
      let scale = index == 0 ? queryScale : 1
      if index == 0 { for element in place.indices { place[element] *= scale } }
      joinedBias.append(contentsOf: bias.map { $0 * scale })
    }
    queriesKeysValues = try LinearLayer(
      weights: UnsafeBufferPointer(rebasing: matrix[..<(3 * width * width)]), bias: joinedBias,
      inputs: width, outputs: 3 * width, precision: precision, shapes: shapes)

    func linear(_ name: String, _ inputs: Int, _ outputs: Int) throws(SibylError) -> LinearLayer {
      let place = UnsafeMutableBufferPointer(rebasing: matrix[..<(inputs * outputs)])
      try weights.readFloats("\(prefix)\(name).weight", shape: [outputs, inputs], into: place)
      return try LinearLayer(
        weights: UnsafeBufferPointer(place), bias: weights.floats("\(prefix)\(name).bias", shape: [outputs]),
        inputs: inputs, outputs: outputs, precision: precision, shapes: shapes)
    }
    func norm(_ name: String) throws(SibylError) -> LayerNorm {
      try LayerNorm(
        weight: weights.floats("\(prefix)\(name).weight", shape: [width]),
        bias: weights.floats("\(prefix)\(name).bias", shape: [width]), epsilon: configuration.normEpsilon)
    }
    attentionOutput = try linear("attention.output.dense", width, width)
    attentionNorm = try norm("attention.output.LayerNorm")
    up = try linear("intermediate.dense", width, inner)
    down = try linear("output.dense", inner, width)
    outputNorm = try norm("output.LayerNorm")
  }

  /// The first half: what attention looks at, of some rows.
  func project(
    _ rows: Range<Int>, _ state: BertState, _ share: BertState.Share, into projections: FloatMatrix
  ) throws(SibylError) {
    try queriesKeysValues.project(state.input, rows: rows, into: projections, share.workspace)
  }

  /// The rest of the layer for some rows. The projections of their sequences must be whole.
  func finish(
    _ rows: Range<Int>, _ state: BertState, _ share: BertState.Share, projections: FloatMatrix,
    sequences: [Range<Int>]
  ) throws(SibylError) {
    try share.attention(projections, sequences: sequences, rows: rows, into: state.context)
    try attentionOutput.projectAddNorm(
      state.context, from: rows.lowerBound, rows: rows, hidden: state.hidden, norm: attentionNorm,
      into: state.input, share.workspace)

    // A tile at a time, so that the widest intermediate result never leaves the core's cache.
    for tile in RowTiles(rows) {
      try up.projectGELU(state.input, rows: tile, into: share.intermediate, share.workspace)
      try down.projectAddNorm(
        share.intermediate, from: 0, rows: tile, hidden: state.hidden, norm: outputNorm,
        into: state.input, share.workspace)
    }
  }

  var size: Int { queriesKeysValues.size + attentionOutput.size + up.size + down.size }
}
