import Diagnostics

/// What the beginning of a GGUF file tells about the model.
///
/// Format (ggml, docs/gguf.md): `GGUF`, version, number of tensors, number of metadata pairs; each pair is a
/// key, a type and a value, all little-endian. General facts come first by convention; the scan ends at the
/// first array (the vocabulary) or at the end of the piece that is read.
struct GGUFSummary {
  private(set) var architecture: String?
  private(set) var licence: String?

  init(path: String) throws(SibylError) {
    let file = try InputFile(path: path)
    var reader = Reader(bytes: try file.bytes(at: 0, count: min(file.size, 1 << 16)))
    guard let magic = reader.take(4), magic.elementsEqual("GGUF".utf8) else {
      throw SibylError(
        .invalidArgument,
        "\(path) is no model that Sibyl knows; expected a folder with model.safetensors, or a GGUF file")
    }
    guard let version = reader.integer(4), let tensorCount = reader.integer(8),
      let pairCount = reader.integer(8), tensorCount > 0
    else { throw SibylError(.corruptFile, "\(path) is not a sound GGUF file: it is cut off") }
    guard version == 2 || version == 3 else {
      throw SibylError(.corruptFile, "\(path) is a GGUF file of version \(version); 2 and 3 are supported")
    }
    for _ in 0..<min(pairCount, 64) {
      guard let key = reader.text(), let type = reader.integer(4) else { return }
      if type == 8 {
        guard let value = reader.text() else { return }
        if key == "general.architecture" { architecture = value }
        if key == "general.license" { licence = value }
      } else {
        guard let size = Self.sizes[type], reader.take(size) != nil else { return }
      }
    }
  }

  /// Bytes that a value of each scalar type takes.
  private static let sizes: [UInt64: Int] = [
    0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8,
  ]

  private struct Reader {
    let bytes: [UInt8]
    var position = 0

    mutating func take(_ count: Int) -> ArraySlice<UInt8>? {
      guard count >= 0, count <= bytes.count - position else { return nil }
      defer { position += count }
      return bytes[position..<(position + count)]
    }

    mutating func integer(_ size: Int) -> UInt64? {
      take(size)?.reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }

    mutating func text() -> String? {
      guard let length = integer(8), length <= 256, let bytes = take(Int(length)) else { return nil }
      return String(validating: bytes, as: UTF8.self)
    }
  }
}
