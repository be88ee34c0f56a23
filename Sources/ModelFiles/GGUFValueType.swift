/// The types of metadata values in GGUF files, by their numbers in the file (ggml, docs/gguf.md).
public enum GGUFValueType: UInt32, Hashable, Sendable, CaseIterable {
  case uint8 = 0
  case int8 = 1
  case uint16 = 2
  case int16 = 3
  case uint32 = 4
  case int32 = 5
  case float32 = 6
  case boolean = 7
  case text = 8
  case array = 9
  case uint64 = 10
  case int64 = 11
  case float64 = 12

  /// Bytes that a value takes; nil for texts and arrays, which say their length themselves.
  var size: Int? {
    switch self {
    case .uint8, .int8, .boolean: 1
    case .uint16, .int16: 2
    case .uint32, .int32, .float32: 4
    case .uint64, .int64, .float64: 8
    case .text, .array: nil
    }
  }

  /// The fewest bytes that a value can take: what a claimed number of them is held against.
  var minimumSize: Int {
    switch self {
    case .text: 8
    case .array: 12
    default: size ?? 1
    }
  }
}
