import NIOCore

/// Writes messages to the client into a buffer (PostgreSQL documentation, "Message Formats").
package struct MessageWriter {
  package var buffer: ByteBuffer

  package init(_ buffer: ByteBuffer = ByteBuffer()) {
    self.buffer = buffer
  }

  /// Writes a message: its type, its length, and what `body` writes.
  @inline(__always)
  package mutating func write(_ type: UInt8, _ body: (inout ByteBuffer) -> Void) {
    buffer.writeInteger(type)
    let start = buffer.writerIndex
    buffer.writeInteger(Int32(0))
    body(&buffer)
    // A message grows by what is written above alone; rows, the only large ones, check their length first.
    buffer.setInteger(Int32(clamping: buffer.writerIndex - start), at: start)
  }

  private mutating func writeEmpty(_ type: UInt8) {
    buffer.writeInteger(type)
    buffer.writeInteger(Int32(4))
  }

  // MARK: Start-up

  package mutating func writeAuthentication(_ code: Int32, _ data: some Collection<UInt8>) {
    write(UInt8(ascii: "R")) { buffer in
      buffer.writeInteger(code)
      buffer.writeBytes(data)
    }
  }

  package mutating func writeMechanisms(_ names: [String]) {
    write(UInt8(ascii: "R")) { buffer in
      buffer.writeInteger(Int32(10))
      for name in names { buffer.writeCString(name) }
      buffer.writeInteger(UInt8(0))
    }
  }

  package mutating func writeParameterStatus(_ name: String, _ value: String) {
    write(UInt8(ascii: "S")) { buffer in
      buffer.writeCString(name)
      buffer.writeCString(value)
    }
  }

  package mutating func writeBackendKeyData(process: Int32, secret: Int32) {
    write(UInt8(ascii: "K")) { buffer in
      buffer.writeInteger(process)
      buffer.writeInteger(secret)
    }
  }

  /// Tells the newest protocol version that is spoken here, and which protocol options are not.
  package mutating func writeNegotiateProtocolVersion(_ version: UInt32, unknownOptions: [String]) {
    write(UInt8(ascii: "v")) { buffer in
      buffer.writeInteger(version)
      buffer.writeInteger(Int32(clamping: unknownOptions.count))
      for option in unknownOptions { buffer.writeCString(option) }
    }
  }

  // MARK: Queries

  package mutating func writeReadyForQuery(_ status: TransactionStatus) {
    buffer.writeInteger(UInt8(ascii: "Z"))
    buffer.writeInteger(Int32(5))
    buffer.writeInteger(status.rawValue)
  }

  package mutating func writeCommandComplete(_ tag: String) {
    write(UInt8(ascii: "C")) { $0.writeCString(tag) }
  }

  /// `SELECT` and the number of rows.
  package mutating func writeSelectComplete(rows: Int) {
    write(UInt8(ascii: "C")) { buffer in
      buffer.writeStaticString("SELECT ")
      if rows < 10 {
        buffer.writeInteger(UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: rows))
      } else {
        buffer.writeString(String(rows))
      }
      buffer.writeInteger(UInt8(0))
    }
  }

  package mutating func writeParseComplete() { writeEmpty(UInt8(ascii: "1")) }
  package mutating func writeBindComplete() { writeEmpty(UInt8(ascii: "2")) }
  package mutating func writeCloseComplete() { writeEmpty(UInt8(ascii: "3")) }
  package mutating func writeNoData() { writeEmpty(UInt8(ascii: "n")) }
  package mutating func writeEmptyQueryResponse() { writeEmpty(UInt8(ascii: "I")) }
  package mutating func writePortalSuspended() { writeEmpty(UInt8(ascii: "s")) }

  package mutating func writeParameterDescription(_ types: [WireType]) {
    write(UInt8(ascii: "t")) { buffer in
      buffer.writeInteger(UInt16(clamping: types.count))
      for type in types { buffer.writeInteger(type.rawValue) }
    }
  }

  package mutating func writeRowDescription(_ columns: [WireColumn], formats: FormatCodes) {
    write(UInt8(ascii: "T")) { buffer in
      buffer.writeInteger(Int16(clamping: columns.count))
      for (place, column) in columns.enumerated() {
        buffer.writeCString(column.name)
        buffer.writeInteger(Int32(0))  // table
        buffer.writeInteger(Int16(0))  // column of the table
        buffer.writeInteger(column.type.rawValue)
        buffer.writeInteger(column.type.length)
        buffer.writeInteger(Int32(-1))  // type modifier
        buffer.writeInteger(formats[place].rawValue)
      }
    }
  }

  // MARK: Errors

  package mutating func writeError(_ error: WireError) {
    write(UInt8(ascii: "E")) { Self.writeFields(of: error, into: &$0) }
  }

  package mutating func writeNotice(_ notice: WireError) {
    write(UInt8(ascii: "N")) { Self.writeFields(of: notice, into: &$0) }
  }

  private static func writeFields(of error: WireError, into buffer: inout ByteBuffer) {
    func write(_ field: Unicode.Scalar, _ value: String) {
      buffer.writeInteger(UInt8(ascii: field))
      buffer.writeCString(value)
    }
    let state = error.sqlState.rawValue.utf8
    let isProper =
      state.count == 5
      && state.allSatisfy { ASCII.isDigit($0) || ($0 >= UInt8(ascii: "A") && $0 <= UInt8(ascii: "Z")) }
    write("S", error.severity.rawValue)
    write("V", error.severity.rawValue)
    write("C", isProper ? error.sqlState.rawValue : SQLState.internalError.rawValue)
    write("M", error.message)
    if let detail = error.detail { write("D", detail) }
    if let hint = error.hint { write("H", hint) }
    if let position = error.position, position > 0 { write("P", String(position)) }
    buffer.writeInteger(UInt8(0))
  }
}

extension ByteBuffer {
  /// Writes a string and its terminating zero byte; zero bytes inside it would end it early and are left out.
  mutating func writeCString(_ string: String) {
    if string.utf8.contains(0) {
      writeBytes(string.utf8.filter { $0 != 0 })
    } else {
      writeString(string)
    }
    writeInteger(UInt8(0))
  }
}
