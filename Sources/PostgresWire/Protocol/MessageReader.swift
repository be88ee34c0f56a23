import NIOCore

/// Reads the fields of one message's body, in order.
struct MessageReader {
  private var buffer: ByteBuffer

  init(_ body: ByteBuffer) {
    buffer = body
  }

  var remaining: Int { buffer.readableBytes }

  private static let cutOff = WireError(.protocolViolation, "insufficient data left in message")

  mutating func readInteger<Integer: FixedWidthInteger>(
    as type: Integer.Type = Integer.self
  ) throws(WireError) -> Integer {
    guard let value = buffer.readInteger(as: Integer.self) else { throw Self.cutOff }
    return value
  }

  /// A count of elements that follow, checked against the bytes that are left.
  mutating func readCount(elementBytes: Int) throws(WireError) -> Int {
    // PostgreSQL takes up to 65,535 parameters: the field is read without a sign.
    let count = Int(try readInteger(as: UInt16.self))
    guard count * elementBytes <= buffer.readableBytes else { throw Self.cutOff }
    return count
  }

  mutating func readBytes(_ count: Int) throws(WireError) -> ByteBuffer {
    guard count >= 0, let bytes = buffer.readSlice(length: count) else { throw Self.cutOff }
    return bytes
  }

  /// The bytes of a string that ends with a zero byte, without it.
  mutating func readStringBytes() throws(WireError) -> ByteBuffer {
    guard let end = buffer.readableBytesView.firstIndex(of: 0),
      let bytes = buffer.readSlice(length: end - buffer.readerIndex)
    else { throw WireError(.protocolViolation, "invalid string in message") }
    buffer.moveReaderIndex(forwardBy: 1)
    return bytes
  }

  /// A string that ends with a zero byte.
  mutating func readString() throws(WireError) -> String {
    try readStringBytes().validatedString()
  }

  /// Checks that the body holds nothing more.
  func finish() throws(WireError) {
    guard buffer.readableBytes == 0 else {
      throw WireError(.protocolViolation, "invalid message format: bytes left behind the last field")
    }
  }
}

extension ByteBuffer {
  /// All readable bytes as text.
  ///
  /// - Throws: 22021 where they are not UTF-8 or hold a zero byte, which no text of PostgreSQL has.
  func validatedString() throws(WireError) -> String {
    let text = withUnsafeReadableBytes { bytes -> String? in
      bytes.contains(0) ? nil : String(validating: bytes, as: UTF8.self)
    }
    guard let text else {
      throw WireError(.invalidEncoding, "invalid byte sequence for encoding \"UTF8\"")
    }
    return text
  }
}
