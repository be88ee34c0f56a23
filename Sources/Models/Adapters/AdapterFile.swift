import Diagnostics
import JSON
import ModelFiles

/// A fine-tuned classifier as a file: an encoder's low-rank change, the head that reads the changed encoder, and
/// how both were made.
///
/// It is a safetensors file. Each matrix M has `M.lora_A.weight` (rank x inputs) and `M.lora_B.weight` (outputs x
/// rank), under the names that the PEFT library gives them; the head is `classifier.weight` (classes x features)
/// and `classifier.bias`. Biases are float32, all others binary16. The metadata say the rest, among them a
/// SHA-256 of it all, so that damage is found.
public struct AdapterFile: Sendable, Equatable {
  static let format = "sibyl-adapter-1"
  /// Sizes far beyond any encoder's adapter.
  static let maximumSize = 256 << 20

  public var adapter: LowRankAdapter
  public var head: SoftmaxRegression
  /// The digest of the encoder that was changed.
  public var encoder: Digest
  /// How the adapter was made and how well it did, in words: data, command, measured accuracy.
  public var recipe: String

  public init(adapter: LowRankAdapter, head: SoftmaxRegression, encoder: Digest, recipe: String) {
    self.adapter = adapter
    self.head = head
    self.encoder = encoder
    self.recipe = recipe
  }

  // MARK: Writing

  /// The file's bytes.
  ///
  /// - Throws: `.invalidArgument` where a number is too large for half precision.
  public func bytes() throws(SibylError) -> [UInt8] {
    var tensors: [SafetensorsWriter.Tensor] = []
    let configuration = adapter.configuration
    func append(_ name: String, _ shape: [Int], _ values: [Float], isHalf: Bool = true) throws(SibylError) {
      guard !isHalf || values.allSatisfy({ abs($0) <= HalfPrecision.largest }) else {
        throw SibylError(.invalidArgument, "\(name) has numbers that are too large for half precision")
      }
      var bytes: [UInt8] = []
      bytes.reserveCapacity(values.count * (isHalf ? 2 : 4))
      for value in values {
        let bits = isHalf ? UInt32(HalfPrecision.encode(value)) : value.bitPattern
        for shift in stride(from: UInt32(0), to: isHalf ? 16 : 32, by: 8) {
          bytes.append(UInt8(truncatingIfNeeded: bits >> shift))
        }
      }
      tensors.append(
        SafetensorsWriter.Tensor(
          name: name, elementType: isHalf ? .float16 : .float32, shape: shape, bytes: bytes))
    }
    for layer in 0..<configuration.layers {
      for matrix in AdaptedMatrix.allCases {
        let factors = adapter.factors(layer: layer, matrix)
        let (a, b) = Self.names(layer: layer, matrix)
        try append(a, [adapter.rank, matrix.inputs(configuration)], factors.a)
        try append(b, [matrix.outputs(configuration), adapter.rank], factors.b)
      }
    }
    try append(Self.headWeights, [head.classCount, head.featureCount], head.weights)
    try append(Self.headBiases, [head.classCount], head.biases, isHalf: false)
    let classes = JSON.array(head.classNames.map { .string($0) }).serialized()
    let facts = [encoder.hexadecimal, "\(adapter.rank)", "\(adapter.scale)", classes, recipe]
    return try SafetensorsWriter.bytes(
      tensors,
      metadata: [
        "format": Self.format, "encoder": facts[0], "rank": facts[1], "scale": facts[2], "classes": facts[3],
        "recipe": facts[4], "sha256": Self.checksum(facts, tensors.flatMap(\.bytes)),
      ])
  }

  /// The SHA-256 of what the metadata say, a line each, and of the tensors' bytes.
  private static func checksum(_ facts: [String], _ content: [UInt8]) -> String {
    Digest(of: facts.flatMap { Array($0.utf8) + [UInt8(ascii: "\n")] } + content).hexadecimal
  }

  // MARK: Reading

  /// Reads an adapter and checks that it was made for an encoder.
  ///
  /// - Parameters:
  ///   - configuration: the encoder's sizes.
  ///   - encoder: the encoder's digest.
  /// - Throws: `.corruptFile` where the file is damaged or is none of this kind, `.invalidArgument` where it was made
  ///   for another encoder.
  public init(
    _ file: SafetensorsFile, configuration: BertConfiguration, encoder: Digest
  ) throws(SibylError) {
    func corrupt(_ what: String) -> SibylError {
      SibylError(
        .corruptFile, "\(file.path) is no usable adapter: \(what); train it again or get a fresh copy")
    }
    guard file.metadata["format"] == Self.format else {
      throw corrupt("its metadata do not say \"\(Self.format)\"")
    }
    guard let made = file.metadata["encoder"].flatMap(Digest.init(hexadecimal:)) else {
      throw corrupt("its metadata name no encoder's digest")
    }
    guard made == encoder else {
      throw SibylError(
        .invalidArgument,
        "\(file.path) was trained with the encoder \(made.abbreviated), and this one is \(encoder.abbreviated); "
          + "install the encoder that it was trained with or train it again")
    }
    guard
      let rankText = file.metadata["rank"], let rank = Int(rankText), LowRankAdapter.ranks.contains(rank),
      let scaleText = file.metadata["scale"], let scale = Float(scaleText), scale.isFinite,
      let recipe = file.metadata["recipe"], let classText = file.metadata["classes"],
      let classValues = (try? JSON.parse(classText, maximumDepth: 2))?.arrayValue
    else { throw corrupt("its metadata lack a rank, a scale, a recipe or classes") }
    let classes = classValues.compactMap(\.stringValue)
    guard classes.count == classValues.count,
      (2...SoftmaxRegression.maximumClassCount).contains(classes.count)
    else { throw corrupt("its classes are not at least two strings") }

    let features = configuration.layers * configuration.dimensions
    var shapes: [(name: String, shape: [Int], type: TensorElementType)] = []
    for layer in 0..<configuration.layers {
      for matrix in AdaptedMatrix.allCases {
        let (a, b) = Self.names(layer: layer, matrix)
        shapes.append((a, [rank, matrix.inputs(configuration)], .float16))
        shapes.append((b, [matrix.outputs(configuration), rank], .float16))
      }
    }
    shapes.append((Self.headWeights, [classes.count, features], .float16))
    shapes.append((Self.headBiases, [classes.count], .float32))
    guard file.tensorNames == shapes.map(\.name).sorted() else {
      throw corrupt("it does not hold the tensors of \(configuration.layers) layers and a head")
    }
    var content: [UInt8] = []
    for (name, shape, type) in shapes {
      let tensor = try file.description(of: name)
      guard tensor.shape == shape, tensor.elementType == type, content.count <= Self.maximumSize else {
        throw corrupt("\(name) is not \(type.rawValue) with shape \(shape)")
      }
      var bytes = [UInt8](repeating: 0, count: tensor.range.count)
      try bytes.withUnsafeMutableBufferPointer { (buffer) throws(SibylError) in
        try file.read(name, into: UnsafeMutableRawBufferPointer(buffer))
      }
      content += bytes
    }
    let facts = [made.hexadecimal, rankText, scaleText, classText, recipe]
    guard file.metadata["sha256"] == Self.checksum(facts, content) else {
      throw corrupt("its checksum does not fit its content")
    }
    var factors: [LowRankAdapter.Factors] = []
    for index in stride(from: 0, to: shapes.count - 2, by: 2) {
      factors.append(
        LowRankAdapter.Factors(
          a: try file.floats(shapes[index].name, shape: shapes[index].shape),
          b: try file.floats(shapes[index + 1].name, shape: shapes[index + 1].shape)))
    }
    do throws(SibylError) {
      adapter = try LowRankAdapter(
        configuration: configuration, rank: rank, scale: scale, factors: factors)
      head = try SoftmaxRegression(
        classNames: classes, featureCount: features,
        weights: file.floats(Self.headWeights, shape: [classes.count, features]),
        biases: file.floats(Self.headBiases, shape: [classes.count]))
    } catch { throw corrupt(error.message) }
    self.encoder = made
    self.recipe = recipe
  }

  private static let headWeights = "classifier.weight"
  private static let headBiases = "classifier.bias"

  private static func names(layer: Int, _ matrix: AdaptedMatrix) -> (a: String, b: String) {
    let name = "base_model.model.encoder.layer.\(layer).\(matrix.name)"
    return ("\(name).lora_A.weight", "\(name).lora_B.weight")
  }
}
