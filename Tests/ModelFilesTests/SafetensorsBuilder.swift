import JSON

/// Writes safetensors files, sound ones and broken ones.
enum SafetensorsBuilder {
  /// Header, then data, with the header's true length in front.
  static func file(header: String, data: [UInt8]) -> [UInt8] {
    let header = Array(header.utf8)
    return bytes(UInt64(header.count)) + header + data
  }

  /// Tensors laid end to end in the order given.
  static func file(
    _ tensors: [(name: String, type: String, shape: [Int], bytes: [UInt8])], metadata: JSON? = nil
  ) -> [UInt8] {
    var header = JSONObject()
    header["__metadata__"] = metadata
    var data: [UInt8] = []
    for tensor in tensors {
      let end = data.count + tensor.bytes.count
      header[tensor.name] = [
        "dtype": .string(tensor.type), "shape": .array(tensor.shape.map { .integer(Int64($0)) }),
        "data_offsets": [.integer(Int64(data.count)), .integer(Int64(end))],
      ]
      data += tensor.bytes
    }
    return file(header: JSON.object(header).serialized(), data: data)
  }

  /// A small model's worth of tensors.
  static func smallFile() -> [UInt8] {
    file(
      [
        ("embeddings", "F32", [3, 4], bytes((0..<12).map { Float($0) - 5.5 })),
        ("half", "F16", [2], bytes([UInt16(0x3C00), 0xC000])),
        ("brain", "BF16", [2, 1], bytes([UInt16(0x3F80), 0xBFC0])),
        ("double", "F64", [2], bytes([0.1, -1e10])),
        ("ids", "I64", [2], bytes([Int64(1), -1])),
        ("scalar", "F32", [], bytes([Float(7)])),
        ("empty", "F32", [0, 4], []),
      ], metadata: ["format": "pt"])
  }

  static func bytes<Value>(_ values: [Value]) -> [UInt8] { values.withUnsafeBytes { Array($0) } }
  static func bytes(_ value: UInt64) -> [UInt8] { bytes([value.littleEndian]) }
}
