/// Rows copied out of a statement, packed into one run of bytes: what a pass of replay has read before it is
/// known whether its rows are the answer.
package struct RowBuffer {
  /// Tag, then eight bytes of number or of length, then the bytes.
  private var bytes: [UInt8] = []
  package private(set) var rowCount = 0

  private enum Tag {
    static let null: UInt8 = 0
    static let integer: UInt8 = 1
    static let real: UInt8 = 2
    static let text: UInt8 = 3
    static let blob: UInt8 = 4
  }

  package init() {}

  package var byteCount: Int { bytes.count }

  package mutating func append(_ row: [Cell]) {
    for cell in row {
      switch cell {
      case .null: bytes.append(Tag.null)
      case .integer(let value): append(Tag.integer, UInt64(bitPattern: value))
      case .real(let value): append(Tag.real, value.bitPattern)
      case .text(let text):
        append(Tag.text, UInt64(text.count))
        bytes.append(contentsOf: text)
      case .blob(let blob):
        append(Tag.blob, UInt64(blob.count))
        bytes.append(contentsOf: blob)
      }
    }
    rowCount += 1
  }

  package mutating func removeAll() {
    bytes.removeAll(keepingCapacity: bytes.capacity <= 1 << 20)
    rowCount = 0
  }

  private mutating func append(_ tag: UInt8, _ number: UInt64) {
    bytes.append(tag)
    withUnsafeBytes(of: number) { bytes.append(contentsOf: $0) }
  }

  /// Calls `body` with each row, in the order in which they were appended. All rows had `columnCount` cells.
  package func forEachRow<Failure>(columnCount: Int, _ body: ([Cell]) throws(Failure) -> Void) throws(Failure)
  {
    var row: [Cell] = []
    row.reserveCapacity(columnCount)
    var position = 0
    for _ in 0..<rowCount {
      row.removeAll(keepingCapacity: true)
      // The bytes stay where they are: `bytes` is not changed while rows are read.
      try bytes.withUnsafeBufferPointer { buffer throws(Failure) in
        let bytes = UnsafeRawBufferPointer(buffer)
        for _ in 0..<columnCount { row.append(Self.read(bytes, &position)) }
        try body(row)
      }
    }
  }

  private static func read(_ bytes: UnsafeRawBufferPointer, _ position: inout Int) -> Cell {
    let tag = bytes[position]
    position += 1
    guard tag != Tag.null else { return .null }
    let number = bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self)
    position += 8
    switch tag {
    case Tag.integer: return .integer(Int64(bitPattern: number))
    case Tag.real: return .real(Double(bitPattern: number))
    default:
      let slice = UnsafeRawBufferPointer(rebasing: bytes[position..<position + Int(number)])
      position += Int(number)
      return tag == Tag.text ? .text(slice) : .blob(slice)
    }
  }
}
