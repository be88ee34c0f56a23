/// Writes GGUF files, sound ones and broken ones.
struct GGUFBuilder {
  struct Tensor {
    var name: String
    var type: UInt32
    /// Innermost dimension first, as in the file.
    var dimensions: [UInt64]
    /// Nil lays the tensor behind the one before it.
    var offset: UInt64?
    var bytes: [UInt8]
  }

  var magic = Array("GGUF".utf8)
  var version: UInt32 = 3
  /// Nil counts what there is.
  var tensorCount: UInt64?
  var pairCount: UInt64?
  var alignment = 32
  private(set) var pairs: [[UInt8]] = []
  var tensors: [Tensor] = []

  static func bytes(_ value: some FixedWidthInteger) -> [UInt8] {
    withUnsafeBytes(of: value.littleEndian) { Array($0) }
  }

  static func text(_ text: String) -> [UInt8] { bytes(UInt64(text.utf8.count)) + text.utf8 }

  mutating func add(_ key: String, type: UInt32, _ value: [UInt8]) {
    pairs.append(Self.text(key) + Self.bytes(type) + value)
  }

  mutating func add(_ key: String, _ text: String) { add(key, type: 8, Self.text(text)) }
  mutating func add(_ key: String, _ number: UInt32) { add(key, type: 4, Self.bytes(number)) }
  mutating func add(_ key: String, _ boolean: Bool) { add(key, type: 7, [boolean ? 1 : 0]) }

  mutating func add(_ key: String, _ texts: [String]) {
    let value = Self.bytes(UInt32(8)) + Self.bytes(UInt64(texts.count)) + texts.flatMap(Self.text)
    add(key, type: 9, value)
  }

  mutating func add(_ key: String, _ integers: [Int32]) {
    let value =
      Self.bytes(UInt32(5)) + Self.bytes(UInt64(integers.count)) + integers.flatMap { Self.bytes($0) }
    add(key, type: 9, value)
  }

  /// A pair as it lies in the file.
  mutating func add(raw bytes: [UInt8]) { pairs.append(bytes) }

  mutating func add(tensor name: String, type: UInt32 = 0, _ dimensions: [UInt64], _ bytes: [UInt8]) {
    tensors.append(Tensor(name: name, type: type, dimensions: dimensions, bytes: bytes))
  }

  /// The file, and where its header ends.
  func build() -> (bytes: [UInt8], headerEnd: Int) {
    var bytes = magic + Self.bytes(version)
    bytes += Self.bytes(tensorCount ?? UInt64(tensors.count)) + Self.bytes(pairCount ?? UInt64(pairs.count))
    for pair in pairs { bytes += pair }
    var data: [UInt8] = []
    for tensor in tensors {
      bytes += Self.text(tensor.name) + Self.bytes(UInt32(tensor.dimensions.count))
      for extent in tensor.dimensions { bytes += Self.bytes(extent) }
      bytes += Self.bytes(tensor.type)
      data += padding(data.count)
      bytes += Self.bytes(tensor.offset ?? UInt64(data.count))
      data += tensor.bytes
    }
    let headerEnd = bytes.count
    if !tensors.isEmpty { bytes += padding(headerEnd) }
    return (bytes + data, headerEnd)
  }

  private func padding(_ count: Int) -> [UInt8] {
    [UInt8](repeating: 0, count: (alignment - count % alignment) % alignment)
  }

  /// A small model's worth of metadata and tensors.
  static func smallModel() -> GGUFBuilder {
    var builder = GGUFBuilder()
    builder.add("general.architecture", "llama")
    builder.add("general.quantization_version", 2)
    builder.add("llama.embedding_length", 4)
    builder.add("general.license", "mit")
    builder.add("tokenizer.ggml.add_bos_token", true)
    builder.add("tokenizer.ggml.tokens", ["a", "b", "ab"])
    builder.add("tokenizer.ggml.token_type", [1, 1, 3])
    builder.add(
      tensor: "table", [4, 3], SafetensorsBuilder.bytes((0..<12).map { Float($0) - 5.5 }))
    builder.add(tensor: "norm", [4], SafetensorsBuilder.bytes([Float(1), 2, 3, 4]))
    builder.add(tensor: "quantised", type: 8, [32, 2], (0..<68).map { UInt8($0 % 34 == 1 ? 0x3C : $0) })
    builder.add(tensor: "scalar", [], SafetensorsBuilder.bytes([Float(7)]))
    builder.add(tensor: "empty", [4, 0], [])
    return builder
  }
}
