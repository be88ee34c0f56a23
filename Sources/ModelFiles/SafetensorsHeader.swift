import Diagnostics
import JSON

/// The header of a safetensors file, read and checked in full before any tensor is touched.
///
/// Format (huggingface/safetensors, "Format"): eight bytes with the header's length N as a little-endian
/// integer, N bytes of JSON that begin with `{`, then the tensors' bytes. Every tensor has `dtype`, `shape`
/// and `data_offsets` relative to the end of the header; together they cover the rest of the file without
/// holes and without overlap; no key comes twice; `__metadata__` maps strings to strings.
struct SafetensorsHeader {
  let tensors: [String: TensorDescription]
  let metadata: [String: String]

  /// The format allows 100 MB. Published models stay below 1 MB, and a JSON text takes several times its
  /// size in memory, so Sibyl is stricter.
  static let maximumLength = 10_000_000

  init(of file: InputFile) throws(SibylError) {
    func corrupt(_ sentence: String) -> SibylError {
      SibylError(.corruptFile, "\(file.path) is not a sound safetensors file: \(sentence)")
    }
    guard file.size >= 8 else {
      throw corrupt("it has \(file.size) bytes, and the header's length alone takes 8")
    }
    let length = try file.bytes(at: 0, count: 8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard length <= UInt64(Self.maximumLength) else {
      throw corrupt("its header claims \(length) bytes, where at most \(Self.maximumLength) are accepted")
    }
    let headerLength = Int(length)
    guard headerLength <= file.size - 8 else {
      throw corrupt(
        "its header claims \(headerLength) bytes, but only \(file.size - 8) follow; it is cut off")
    }
    let bytes = try file.bytes(at: 8, count: headerLength)
    guard bytes.first == UInt8(ascii: "{") else { throw corrupt("its header does not begin with \"{\"") }

    let object: JSONObject
    do throws(SibylError) {
      // Header, tensor, shape: nothing nests deeper.
      guard case .object(let members) = try JSON.parse(bytes, maximumDepth: 3) else {
        throw SibylError(.corruptFile, "it is no JSON object")
      }
      object = members
    } catch {
      throw corrupt("in its header, \(error.message)")
    }
    if let key = object.duplicateKeys.first { throw corrupt("its header names \(quoted(key)) twice") }

    var metadata: [String: String] = [:]
    var tensors: [TensorDescription] = []
    tensors.reserveCapacity(object.count)
    do throws(SibylError) {
      for (name, value) in object {
        if name == "__metadata__" {
          metadata = try Self.metadata(value)
        } else {
          tensors.append(try Self.tensor(name, value, dataStart: 8 + headerLength, fileSize: file.size))
        }
      }
      try Self.checkCoverage(of: tensors, dataStart: 8 + headerLength, fileSize: file.size)
    } catch {
      throw corrupt(error.message)
    }
    self.metadata = metadata
    // Names that Swift takes for the same string may differ in their bytes.
    self.tensors = Dictionary(tensors.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    guard self.tensors.count == tensors.count else {
      throw corrupt("two of its tensors have names that only differ in Unicode composition")
    }
  }

  private static func metadata(_ value: JSON) throws(SibylError) -> [String: String] {
    guard case .object(let object) = value else {
      throw SibylError(.corruptFile, "__metadata__ is \(value.typeDescription), not an object")
    }
    if let key = object.duplicateKeys.first {
      throw SibylError(.corruptFile, "__metadata__ names \(quoted(key)) twice")
    }
    var metadata: [String: String] = [:]
    for (key, value) in object {
      guard case .string(let text) = value else {
        throw SibylError(
          .corruptFile, "__metadata__ holds \(value.typeDescription) for \(quoted(key)), not a string")
      }
      metadata[key] = text
    }
    return metadata
  }

  private static func tensor(
    _ name: String, _ value: JSON, dataStart: Int, fileSize: Int
  ) throws(SibylError) -> TensorDescription {
    func wrong(_ sentence: String) -> SibylError {
      SibylError(.corruptFile, "the tensor \(quoted(name)) \(sentence)")
    }
    guard case .object(let object) = value else { throw wrong("is \(value.typeDescription), not an object") }
    if let key = object.duplicateKeys.first { throw wrong("has two members \(quoted(key))") }
    guard let typeName = object["dtype"]?.stringValue else { throw wrong("has no dtype") }
    guard let type = TensorElementType(rawValue: typeName) else {
      throw wrong("has an unknown dtype, \(quoted(typeName))")
    }

    guard let extents = object["shape"]?.arrayValue else { throw wrong("has no shape") }
    var shape: [Int] = []
    var count = 1
    for extent in extents {
      guard case .integer(let value) = extent, value >= 0, let extent = Int(exactly: value) else {
        throw wrong("has \(abbreviated(extent)) in its shape, where whole numbers from 0 on belong")
      }
      let (product, overflowed) = count.multipliedReportingOverflow(by: extent)
      guard !overflowed else { throw wrong("has a shape whose size overflows") }
      count = product
      shape.append(extent)
    }
    let (byteCount, overflowed) = count.multipliedReportingOverflow(by: type.size)
    guard !overflowed else { throw wrong("has a shape whose size overflows") }

    guard let offsets = object["data_offsets"]?.arrayValue, offsets.count == 2,
      case .integer(let first) = offsets[0], case .integer(let last) = offsets[1],
      let start = Int(exactly: first), let end = Int(exactly: last)
    else { throw wrong("has no data_offsets, which are two whole numbers") }
    guard start >= 0, start <= end else { throw wrong("has data_offsets out of order, \(start) to \(end)") }
    guard end <= fileSize - dataStart else {
      throw wrong(
        "ends at byte \(end) of the data, but only \(fileSize - dataStart) are there; the file is cut off")
    }
    guard end - start == byteCount else {
      throw wrong(
        "takes \(end - start) bytes, where \(type.rawValue) with shape \(shape) needs \(byteCount)")
    }
    return TensorDescription(
      name: name, elementType: type, shape: shape, count: count,
      range: (dataStart + start)..<(dataStart + end))
  }

  /// Tensors must lie end to end, from the header's end to the file's: so no byte belongs to two of them and
  /// nothing can hide between them.
  private static func checkCoverage(
    of tensors: [TensorDescription], dataStart: Int, fileSize: Int
  ) throws(SibylError) {
    let ordered = tensors.sorted {
      ($0.range.lowerBound, $0.range.upperBound) < ($1.range.lowerBound, $1.range.upperBound)
    }
    var end = dataStart
    for tensor in ordered {
      guard tensor.range.lowerBound == end else {
        let fault = tensor.range.lowerBound < end ? "overlaps the one before it" : "leaves a hole before it"
        throw SibylError(.corruptFile, "the tensor \(quoted(tensor.name)) \(fault)")
      }
      end = tensor.range.upperBound
    }
    guard end == fileSize else {
      throw SibylError(.corruptFile, "\(fileSize - end) bytes at its end belong to no tensor")
    }
  }

  private static func abbreviated(_ value: JSON) -> String {
    value.arrayValue == nil ? "\(value)" : "an array"
  }
}

/// A name from a file, quoted and short enough for an error's sentence.
func quoted(_ name: String) -> String {
  let isLong = name.utf8.count > 100
  return JSON.string(isLong ? String(name.unicodeScalars.prefix(90)) + "…" : name).serialized()
}
