import Diagnostics

/// An argument as the database holds it: bytes that are valid during the call only, not copied, not checked.
public enum RawArgument {
  case null
  case integer(Int64)
  case real(Double)
  case text(UnsafeRawBufferPointer)
  case blob(UnsafeRawBufferPointer)
}

extension RawArgument {
  /// A copy of the argument that outlives the call.
  ///
  /// Text may hold NUL characters: its length counts, not its first NUL.
  /// - Throws: `invalidArgument` where text is too long, or not UTF-8, which SQLite itself does not check.
  public func copied(
    as position: Int, of entry: some CatalogueEntry
  ) throws(SibylError) -> Value {
    switch self {
    case .null: return .null
    case .integer(let value): return .integer(value)
    case .real(let value): return .real(value)
    case .blob(let bytes): return .blob(Array(bytes))
    case .text(let bytes):
      // First, so that a text far beyond the limit is not even read.
      guard bytes.count <= Limits.maximumTextBytes else {
        throw entry.textTooLongError(position, count: bytes.count)
      }
      guard let text = String(validating: bytes, as: UTF8.self) else {
        let (offset, byte) = Self.firstInvalidByte(in: bytes)
        throw entry.argumentError(
          position,
          "must be valid UTF-8; byte \(offset + 1) (0x\(String(byte, radix: 16, uppercase: true))) is not: "
            + "convert the text from its encoding first")
      }
      return .text(text)
    }
  }

  private static func firstInvalidByte(in bytes: UnsafeRawBufferPointer) -> (offset: Int, byte: UInt8) {
    var parser = Unicode.UTF8.ForwardParser()
    var iterator = bytes.makeIterator()
    var offset = 0
    while true {
      switch parser.parseScalar(from: &iterator) {
      case .valid(let scalar): offset += scalar.count
      case .error, .emptyInput: return (offset, offset < bytes.count ? bytes[offset] : 0)
      }
    }
  }
}
