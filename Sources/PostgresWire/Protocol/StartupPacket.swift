import NIOCore

/// The first packet of a connection, which has no type byte (PostgreSQL documentation, "Message Formats").
package enum StartupPacket: Hashable, Sendable {
  case sslRequest
  case gssEncryptionRequest
  case cancelRequest(process: Int32, secret: Int32)
  case startup(StartupMessage)

  static let currentVersion: UInt32 = 3 << 16
  /// As in PostgreSQL (`MAX_STARTUP_PACKET_LENGTH`).
  static let maximumBytes = 10_000

  /// - Parameter body: what follows the length field.
  /// - Throws: a fatal error; the connection can't go on.
  package init(body: ByteBuffer) throws(WireError) {
    var reader = MessageReader(body)
    let code: UInt32 = try reader.readInteger()
    switch code {
    case 80_877_103:
      try reader.finish()
      self = .sslRequest
    case 80_877_104:
      try reader.finish()
      self = .gssEncryptionRequest
    case 80_877_102:
      self = .cancelRequest(process: try reader.readInteger(), secret: try reader.readInteger())
      try reader.finish()
    default:
      guard code >> 16 == 3 else {
        throw WireError(
          .featureNotSupported,
          "unsupported frontend protocol \(code >> 16).\(code & 0xFFFF): server supports 3.0 to 3.0",
          severity: .fatal)
      }
      self = .startup(try StartupMessage(minorVersion: UInt16(code & 0xFFFF), &reader))
    }
  }
}
