import Diagnostics
import JSON

/// Makes safetensors files (huggingface/safetensors, "Format") of tensors in memory.
public enum SafetensorsWriter {
  public struct Tensor: Sendable {
    public let name: String
    public let elementType: TensorElementType
    /// Extent of each dimension, outermost first.
    public let shape: [Int]
    /// Row-major, little-endian.
    public let bytes: [UInt8]

    public init(name: String, elementType: TensorElementType, shape: [Int], bytes: [UInt8]) {
      self.name = name
      self.elementType = elementType
      self.shape = shape
      self.bytes = bytes
    }
  }

  /// The file's bytes, with the tensors in the order given.
  ///
  /// - Throws: `.invalidArgument` where two tensors have one name, or a tensor's bytes do not fit its shape.
  public static func bytes(
    _ tensors: [Tensor], metadata: KeyValuePairs<String, String> = [:]
  ) throws(SibylError) -> [UInt8] {
    guard Set(tensors.map(\.name)).count == tensors.count else {
      throw SibylError(.invalidArgument, "a safetensors file can't hold two tensors of one name")
    }
    var header = JSONObject()
    if !metadata.isEmpty {
      header.append("__metadata__", .object(JSONObject(metadata.map { ($0.key, JSON.string($0.value)) })))
    }
    var end = 0
    for tensor in tensors {
      // A count that has overflowed once stays so.
      let count = tensor.shape.reduce(tensor.elementType.size as Int?) { count, extent in
        guard let (product, overflow) = count?.multipliedReportingOverflow(by: extent), extent >= 0 else {
          return nil
        }
        return overflow ? nil : product
      }
      guard count == tensor.bytes.count else {
        throw SibylError(
          .invalidArgument,
          "the tensor \(quoted(tensor.name)) has \(tensor.bytes.count) bytes, which are not "
            + "\(tensor.elementType.rawValue) with shape \(tensor.shape)")
      }
      header.append(
        tensor.name,
        .object([
          "dtype": .string(tensor.elementType.rawValue),
          "shape": .array(tensor.shape.map { .integer(Int64($0)) }),
          "data_offsets": [.integer(Int64(end)), .integer(Int64(end + tensor.bytes.count))],
        ]))
      end += tensor.bytes.count
    }
    var text = Array(JSON.object(header).serialized().utf8)
    // Tensors begin at a multiple of eight, as the format's own writers see to with blanks.
    while text.count % 8 != 0 { text.append(UInt8(ascii: " ")) }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(8 + text.count + end)
    for shift in stride(from: 0, to: 64, by: 8) {
      bytes.append(UInt8(truncatingIfNeeded: UInt64(text.count) >> UInt64(shift)))
    }
    bytes += text
    for tensor in tensors { bytes += tensor.bytes }
    return bytes
  }
}
