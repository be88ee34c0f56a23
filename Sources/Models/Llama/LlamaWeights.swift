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

  /// A linear layer of one or several pieces side by side, with biases where the file has them.
  func linear(_ pieces: [Piece], inputs: Int) throws(SibylError) -> LinearLayer {
    let outputs = pieces.reduce(0) { $0 + $1.outputs }
    let matrix = UnsafeMutableBufferPointer<Float>.allocate(capacity: outputs * inputs)
    defer { matrix.deallocate() }
    var bias: [Float] = []
    var row = 0
    for piece in pieces {
      let place = UnsafeMutableBufferPointer(
        rebasing: matrix[(row * inputs)..<((row + piece.outputs) * inputs)])
      try file.readFloats("\(piece.name).weight", shape: [piece.outputs, inputs], rows: nil, into: place)
      var pieceBias = [Float](repeating: 0, count: piece.outputs)
      if file.contains("\(piece.name).bias") {
        pieceBias = try file.floats("\(piece.name).bias", shape: [piece.outputs])
      }
      if piece.isRotated && configuration.architecture == .llama {
        turnPairs(place, columns: inputs)
        pieceBias.withUnsafeMutableBufferPointer { turnPairs($0, columns: 1) }
      }
      bias += pieceBias
      row += piece.outputs
    }
    return try LinearLayer(
      weights: UnsafeBufferPointer(matrix), bias: bias, inputs: inputs, outputs: outputs,
      precision: precision, shapes: shapes, sharesUnevenly: true)
  }

  /// Files of the architecture `llama` have the two dimensions that turn together side by side. Here they are
  /// half a head apart, as in the other architectures; attention sees no difference, as queries and keys are
  /// ordered alike.
  private func turnPairs(_ rows: UnsafeMutableBufferPointer<Float>, columns: Int) {
    let rotated = configuration.rotary.dimensions
    let headSize = configuration.headDimensions * columns
    var ordered = [Float](repeating: 0, count: rotated * columns)
    for head in stride(from: 0, to: rows.count, by: headSize) {
      for dimension in 0..<rotated {
        let source = dimension < rotated / 2 ? 2 * dimension : 2 * (dimension - rotated / 2) + 1
        for column in 0..<columns {
          ordered[dimension * columns + column] = rows[head + source * columns + column]
        }
      }
      for (index, value) in ordered.enumerated() { rows[head + index] = value }
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
    return try TokenTable(
      count: configuration.vocabularySize, dimensions: configuration.dimensions,
      format: Int32(type.rawValue), blockSize: type.blockSize, blockByteCount: type.blockByteCount
    ) { memory throws(SibylError) in try file.readBlocks(name, into: memory) }
  }

  /// The output layer in panels of up to `OutputPanels.width` tokens. Where the file has no weights of its own
  /// for it, the embeddings serve.
  func output() throws(SibylError) -> [LinearLayer] {
    let name = file.contains("output.weight") ? "output.weight" : "token_embd.weight"
    let width = configuration.dimensions
    let vocabulary = configuration.vocabularySize
    var panels: [LinearLayer] = []
    let matrix = UnsafeMutableBufferPointer<Float>.allocate(capacity: LlamaDecoder.panelWidth * width)
    defer { matrix.deallocate() }
    for start in stride(from: 0, to: vocabulary, by: LlamaDecoder.panelWidth) {
      let rows = start..<min(start + LlamaDecoder.panelWidth, vocabulary)
      // Products compute multiples of 32 outputs; those past the vocabulary are nothing.
      let outputs = (rows.count + 31) / 32 * 32
      let panel = UnsafeMutableBufferPointer(rebasing: matrix[..<(outputs * width)])
      panel.update(repeating: 0)
      try file.readFloats(
        name, shape: [vocabulary, width], rows: rows,
        into: UnsafeMutableBufferPointer(rebasing: panel[..<(rows.count * width)]))
      panels.append(
        try LinearLayer(
          weights: UnsafeBufferPointer(panel), bias: [Float](repeating: 0, count: outputs), inputs: width,
          outputs: outputs, precision: precision, shapes: shapes, sharesUnevenly: true))
    }
    return panels
  }
}
