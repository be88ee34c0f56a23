import Diagnostics

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A buffer in front of a file descriptor. Not for use by several threads at once.
package final class ByteOutput {
  private let descriptor: Int32
  private var buffer: [UInt8] = []
  private static let flushBytes = 1 << 16

  /// Whether the reading end has gone away (`sibyl run … | head`): not a fault, but a reason to stop.
  package private(set) var isReaderGone = false

  package init(descriptor: Int32) {
    self.descriptor = descriptor
    buffer.reserveCapacity(Self.flushBytes + 4096)
  }

  package func write(_ text: StaticString) {
    text.withUTF8Buffer { buffer.append(contentsOf: $0) }
  }

  package func write(_ text: String) {
    buffer.append(contentsOf: text.utf8)
  }

  package func write(byte: UInt8) {
    buffer.append(byte)
  }

  package func write(bytes: UnsafeRawBufferPointer) {
    buffer.append(contentsOf: bytes)
  }

  package func write(bytes: ArraySlice<UInt8>) {
    buffer.append(contentsOf: bytes)
  }

  package func write(repeating byte: UInt8, count: Int) {
    buffer.append(contentsOf: repeatElement(byte, count: max(0, count)))
  }

  /// Two lower-case hexadecimal digits a byte.
  package func write(hexadecimal bytes: UnsafeRawBufferPointer) {
    let digits: StaticString = "0123456789abcdef"
    digits.withUTF8Buffer { digits in
      for byte in bytes {
        buffer.append(digits[Int(byte >> 4)])
        buffer.append(digits[Int(byte & 15)])
      }
    }
  }

  /// Hands the buffered bytes on if there are many: call it once a row.
  package func flushIfFull() throws(SibylError) {
    if buffer.count >= Self.flushBytes { try flush() }
  }

  /// Hands all buffered bytes to the file.
  package func flush() throws(SibylError) {
    defer { buffer.removeAll(keepingCapacity: true) }
    guard !isReaderGone else { return }
    var start = 0
    while start < buffer.count {
      let count = buffer.withUnsafeBytes { bytes in
        #if canImport(Glibc)
          Glibc.write(descriptor, bytes.baseAddress.map { $0 + start }, bytes.count - start)
        #else
          Darwin.write(descriptor, bytes.baseAddress.map { $0 + start }, bytes.count - start)
        #endif
      }
      if count < 0 && errno == EINTR { continue }
      if count < 0 && errno == EPIPE {
        isReaderGone = true
        return
      }
      guard count > 0 else {
        throw SibylError(.unavailable, "The output can't be written: \(String(cString: strerror(errno)))")
      }
      start += count
    }
  }
}
