import Crypto
import Diagnostics

/// A SHA-256 digest (FIPS 180-4), by which Sibyl knows a model's bytes.
public struct Digest: Hashable, Sendable, CustomStringConvertible {
  /// 64 lowercase hexadecimal digits.
  public let hexadecimal: String

  /// Nil where the text is not 64 lowercase hexadecimal digits.
  public init?(hexadecimal: String) {
    guard hexadecimal.utf8.count == 64, Hexadecimal.bytes(of: hexadecimal) != nil else { return nil }
    self.hexadecimal = hexadecimal
  }

  /// Its 32 bytes.
  public var bytes: [UInt8] { Hexadecimal.bytes(of: hexadecimal) ?? [] }

  /// The digest of bytes in memory.
  public init(of bytes: some Sequence<UInt8>) {
    var hash = SHA256()
    let isHashed: Void? = bytes.withContiguousStorageIfAvailable {
      hash.update(bufferPointer: UnsafeRawBufferPointer($0))
    }
    if isHashed == nil { hash.update(data: Array(bytes)) }
    self.init(hash.finalize())
  }

  /// The digest of a file's bytes, read in pieces of 1 MiB.
  public init(ofFileAt path: String) throws(SibylError) {
    try self.init(of: InputFile(path: path))
  }

  init(of file: InputFile) throws(SibylError) {
    let pieceSize = 1 << 20
    let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: pieceSize, alignment: 64)
    defer { piece.deallocate() }
    var hash = SHA256()
    var offset = 0
    while offset < file.size {
      let part = UnsafeMutableRawBufferPointer(rebasing: piece[..<min(pieceSize, file.size - offset)])
      try file.read(at: offset, into: part)
      hash.update(bufferPointer: UnsafeRawBufferPointer(part))
      offset += part.count
    }
    self.init(hash.finalize())
  }

  private init(_ digest: SHA256.Digest) {
    hexadecimal = Hexadecimal.digits(of: Array(digest))
  }

  /// The first twelve digits, enough to tell models apart in a table.
  public var abbreviated: String { String(hexadecimal.prefix(12)) }

  public var description: String { hexadecimal }
}
