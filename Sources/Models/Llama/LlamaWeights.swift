import Diagnostics
import ModelFiles
import Tensor

/// Reads a decoder's layers from its file, in the form in which they are computed.
struct LlamaWeights {
  let file: GGUFFile
  let configuration: LlamaConfiguration
  let precision: Precision
  let shapes: LayerShapes

  /// Some outputs of a linear layer, as the file has them.
  struct Piece {
    let name: String
    let outputs: Int
    /// Whether these are queries or keys, which turn by position.
    var isRotated = false
  }

  /// How int8 activations are rounded: in groups, as the weights are.
  static let scales = Activations.Scales.perGroup

  /// A linear layer of one or several pieces side by side, with biases where the file has them.
  func linear(_ pieces: [Piece], inputs: Int) throws(SibylError) -> LinearLayer {
    let outputs = pieces.reduce(0) { $0 + $1.outputs }
    var bias: [Float] = []
    for piece in pieces {
      let name = "\(piece.name).bias"
      let values =
        file.contains(name)
        ? try file.floats(name, shape: [piece.outputs]) : [Float](repeating: 0, count: piece.outputs)
      bias += order(of: piece).map { values[$0] }
    }
    let rows = pieces.map { piece in
      Rows(
        tensor: "\(piece.name).weight", shape: [piece.outputs, inputs], range: 0..<piece.outputs,
        order: order(of: piece))
    }
    return try linear(rows, inputs: inputs, outputs: outputs, bias: bias)
  }

  /// Rows of a tensor, which become a layer's outputs.
  private struct Rows {
    let tensor: String
    let shape: [Int]
    let range: Range<Int>
    /// Which of them comes at each place.
    let order: [Int]
  }

  private func linear(
    _ pieces: [Rows], inputs: Int, outputs: Int, bias: [Float]
  ) throws(SibylError) -> LinearLayer {
    // Before any memory is taken: a tensor that is there is no larger than the file.
    for piece in pieces {
      let shape = try file.description(of: piece.tensor).shape
      guard shape == piece.shape else {
        throw SibylError(
          .corruptFile,
          "the tensor \"\(piece.tensor)\" of \(file.path) has the shape \(shape), where \(piece.shape) is expected"
        )
      }
    }
    if precision == .int8 {
      let grouped = try grouped(pieces, inputs: inputs, outputs: outputs)
      return try LinearLayer(grouped, bias: bias)
    }
    let matrix = UnsafeMutableBufferPointer<Float>.allocate(capacity: outputs * inputs)
    defer { matrix.deallocate() }
    matrix.update(repeating: 0)
    var row = 0
    for piece in pieces {
      try readFloats(piece, inputs: inputs) { (index, values) throws(SibylError) in
        for (column, value) in values.enumerated() { matrix[(row + index) * inputs + column] = value }
      }
      row += piece.order.count
    }
    return try LinearLayer(
      weights: UnsafeBufferPointer(matrix), bias: bias, inputs: inputs, outputs: outputs,
      precision: precision, shapes: shapes)
  }

  private func grouped(
    _ pieces: [Rows], inputs: Int, outputs: Int
  ) throws(SibylError) -> GroupedWeights {
    let types = try pieces.map { (piece) throws(SibylError) in try file.description(of: piece.tensor).type }
    let bits = types.reduce(4) { max($0, GroupedWeights.bits(of: Int32($1.rawValue))) }
    if let exact = try exactlyGrouped(pieces, inputs: inputs, outputs: outputs, bits: bits) { return exact }
    let weights = try GroupedWeights(inputs: inputs, outputs: outputs, bits: 8)
    var row = 0
    for piece in pieces {
      try readFloats(piece, inputs: inputs) { (index, values) throws(SibylError) in
        guard let base = values.baseAddress else { return }
        weights.fill(output: row + index, floats: base)
      }
      row += piece.order.count
    }
    return weights
  }

  /// The weights as the file has them; nil where its format has no groups of 32.
  private func exactlyGrouped(
    _ pieces: [Rows], inputs: Int, outputs: Int, bits: Int
  ) throws(SibylError) -> GroupedWeights? {
    let weights = try GroupedWeights(inputs: inputs, outputs: outputs, bits: bits)
    var row = 0
    for piece in pieces {
      let tensor = try file.description(of: piece.tensor)
      let type = tensor.type
      guard tensor.shape == piece.shape, inputs % type.blockSize == 0 else { return nil }
      let rowSize = inputs / type.blockSize * type.blockByteCount
      let blocks = UnsafeMutableRawBufferPointer.allocate(
        byteCount: piece.range.count * rowSize, alignment: 64)
      defer { blocks.deallocate() }
      try file.readBlocks(piece.tensor, rows: piece.range, into: blocks)
      guard let base = blocks.baseAddress else { return nil }
      for (index, source) in piece.order.enumerated() {
        let isTaken = weights.fill(
          output: row + index, format: Int32(type.rawValue), blocks: base + source * rowSize)
        guard isTaken else { return nil }
      }
      row += piece.order.count
    }
    return weights
  }

  private func readFloats(
    _ piece: Rows, inputs: Int,
    _ body: (_ index: Int, _ values: UnsafeBufferPointer<Float>) throws(SibylError) -> Void
  ) throws(SibylError) {
    let values = UnsafeMutableBufferPointer<Float>.allocate(capacity: piece.range.count * inputs)
    defer { values.deallocate() }
    try file.readFloats(piece.tensor, shape: piece.shape, rows: piece.range, into: values)
    for (index, source) in piece.order.enumerated() {
      try body(index, UnsafeBufferPointer(rebasing: values[(source * inputs)..<((source + 1) * inputs)]))
    }
  }

  /// Files of the architecture `llama` have the two dimensions that turn together side by side. Here they are
  /// half a head apart, as in the other architectures; attention sees no difference, as queries and keys are
  /// ordered alike.
  private func order(of piece: Piece) -> [Int] {
    guard piece.isRotated, configuration.architecture == .llama else { return Array(0..<piece.outputs) }
    let half = configuration.rotary.dimensions / 2
    return (0..<piece.outputs).map { output in
      let dimension = output % configuration.headDimensions
      guard dimension < 2 * half else { return output }
      return output - dimension + (dimension < half ? 2 * dimension : 2 * (dimension - half) + 1)
    }
  }

  func norm(_ name: String) throws(SibylError) -> RMSNorm {
    try RMSNorm(
      weight: file.floats("\(name).weight", shape: [configuration.dimensions]),
      epsilon: configuration.normEpsilon)
  }

  /// The norm of each head's queries or keys, which only qwen3 has.
  func headNorm(_ name: String) throws(SibylError) -> RMSNorm? {
    guard configuration.architecture == .qwen3 else { return nil }
    return try RMSNorm(
      weight: file.floats("\(name).weight", shape: [configuration.headDimensions]),
      epsilon: configuration.normEpsilon)
  }

  func embeddings() throws(SibylError) -> TokenTable {
    let name = "token_embd.weight"
    let type = try file.description(of: name).type
    guard type.isReadable else {
      throw SibylError(.invalidArgument, "the embeddings of \(file.path) are of the type \(type.name)")
    }
    // Where they are not the output's weights too, nobody else would see values that are not finite.
    if file.contains("output.weight") {
      for start in stride(from: 0, to: configuration.vocabularySize, by: LlamaDecoder.panelWidth) {
        _ = try file.floats(
          name, shape: [configuration.vocabularySize, configuration.dimensions],
          rows: start..<min(start + LlamaDecoder.panelWidth, configuration.vocabularySize))
      }
    }
    return try TokenTable(
      count: configuration.vocabularySize, dimensions: configuration.dimensions,
      format: Int32(type.rawValue), blockSize: type.blockSize, blockByteCount: type.blockByteCount
    ) { memory throws(SibylError) in try file.readBlocks(name, into: memory) }
  }

  /// The output layer in panels of up to `LlamaDecoder.panelWidth` tokens. Where the file has no weights of its own
  /// for it, the embeddings serve.
  func output() throws(SibylError) -> [LinearLayer] {
    let name = file.contains("output.weight") ? "output.weight" : "token_embd.weight"
    let width = configuration.dimensions
    let vocabulary = configuration.vocabularySize
    var panels: [LinearLayer] = []
    for start in stride(from: 0, to: vocabulary, by: LlamaDecoder.panelWidth) {
      let rows = start..<min(start + LlamaDecoder.panelWidth, vocabulary)
      // Products compute multiples of 32 outputs; those past the vocabulary are nothing.
      let outputs = (rows.count + 31) / 32 * 32
      let piece = Rows(tensor: name, shape: [vocabulary, width], range: rows, order: Array(0..<rows.count))
      panels.append(
        try linear(
          [piece], inputs: width, outputs: outputs, bias: [Float](repeating: 0, count: outputs)))
    }
    return panels
  }
}
