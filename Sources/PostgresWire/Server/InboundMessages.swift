import NIOCore

/// Cuts the client's stream of bytes into messages.
package struct InboundMessages {
  package enum Frame {
    /// More bytes are needed.
    case incomplete
    case message(type: UInt8, body: ByteBuffer)
    /// A message that was longer than its limit has been skipped.
    case skipped(type: UInt8, limit: Int)
    /// The stream is not one of messages; nothing that follows can be understood.
    case broken(WireError)
  }

  private var bytes = ByteBuffer()
  /// What is still to come of a message that is being skipped.
  private var skipping: (type: UInt8, remaining: Int, limit: Int)?

  package init() {}

  package var readableBytes: Int { bytes.readableBytes }

  package mutating func append(_ new: ByteBuffer) {
    var new = new
    if bytes.readableBytes == 0 {
      bytes = new
    } else {
      bytes.writeBuffer(&new)
    }
  }

  /// Lets go of the memory of what has been read.
  package mutating func compact() {
    if bytes.readableBytes == 0 {
      bytes = ByteBuffer()
    } else if bytes.readerIndex > 64 << 10 {
      bytes.discardReadBytes()
    }
  }

  /// The start-up packet: a length and a body, without a type. The length is checked as PostgreSQL does.
  package mutating func nextStartupPacket() -> Frame {
    guard let length = bytes.getInteger(at: bytes.readerIndex, as: Int32.self) else { return .incomplete }
    guard (8...StartupPacket.maximumBytes).contains(Int(length)) else {
      return .broken(WireError(.protocolViolation, "invalid length of startup packet", severity: .fatal))
    }
    guard bytes.readableBytes >= Int(length) else { return .incomplete }
    bytes.moveReaderIndex(forwardBy: 4)
    guard let body = bytes.readSlice(length: Int(length) - 4) else { return .incomplete }
    return .message(type: 0, body: body)
  }

  /// - Parameter maximum: bytes of a message that carries values; the other types have their own limits.
  package mutating func next(maximum: Int) -> Frame {
    if skipping != nil { return skip() }
    guard let type = bytes.getInteger(at: bytes.readerIndex, as: UInt8.self) else { return .incomplete }
    guard let limit = FrontendMessage.limit(type, maximum: maximum) else {
      return .broken(
        WireError(.protocolViolation, "invalid frontend message type \(type)", severity: .fatal))
    }
    guard let field = bytes.getInteger(at: bytes.readerIndex + 1, as: Int32.self) else { return .incomplete }
    let length = Int(field)
    guard length >= 4 else {
      return .broken(WireError(.protocolViolation, "invalid message length", severity: .fatal))
    }
    guard length <= limit else {
      bytes.moveReaderIndex(forwardBy: 5)
      skipping = (type, length - 4, limit)
      return skip()
    }
    guard bytes.readableBytes >= length + 1 else { return .incomplete }
    bytes.moveReaderIndex(forwardBy: 5)
    guard let body = bytes.readSlice(length: length - 4) else { return .incomplete }
    return .message(type: type, body: body)
  }

  private mutating func skip() -> Frame {
    guard let (type, remaining, limit) = skipping else { return .incomplete }
    let count = min(remaining, bytes.readableBytes)
    bytes.moveReaderIndex(forwardBy: count)
    guard count == remaining else {
      skipping = (type, remaining - count, limit)
      return .incomplete
    }
    skipping = nil
    return .skipped(type: type, limit: limit)
  }
}
