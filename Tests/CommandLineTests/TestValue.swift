import sibyl

/// A value of a test's row, and how it becomes a cell.
enum TestValue: Hashable, Sendable {
  case null
  case integer(Int64)
  case real(Double)
  case text(String)
  case bytes([UInt8])

  /// Calls `body` with the row's cells; their bytes live during the call only.
  static func withCells(_ row: [TestValue], _ body: ([Cell]) throws -> Void) rethrows {
    var memory: [UnsafeMutableRawBufferPointer] = []
    defer { memory.forEach { $0.deallocate() } }
    func keep(_ bytes: some Collection<UInt8>) -> UnsafeRawBufferPointer {
      let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
      copy.copyBytes(from: bytes)
      memory.append(copy)
      return UnsafeRawBufferPointer(copy)
    }
    let cells: [Cell] = row.map { value in
      switch value {
      case .null: .null
      case .integer(let value): .integer(value)
      case .real(let value): .real(value)
      case .text(let text): .text(keep(text.utf8))
      case .bytes(let bytes): .blob(keep(bytes))
      }
    }
    try body(cells)
  }
}
