import Diagnostics
import PostgresClient

/// Rows of PostgreSQL as the writers take them.
enum PostgresCells {
  /// Calls `body` with the row's cells, which live until it returns.
  static func with(
    _ row: PostgresRow, _ columns: [PostgresColumn], _ body: ([Cell]) throws(SibylError) -> Void
  ) throws(SibylError) {
    var bytes: [UInt8] = []
    let places = columns.indices.map { column -> Range<Int>? in
      row.withBytes(of: column) { value in
        guard let value else { return nil }
        let start = bytes.count
        bytes.append(contentsOf: value)
        return start..<bytes.count
      }
    }
    try bytes.withUnsafeBufferPointer { all throws(SibylError) in
      try body(
        zip(places, columns).map { place, column in
          guard let place else { return .null }
          return cell(UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: all[place])), column.type)
        })
    }
  }

  /// Whole numbers and floating-point ones (`pg_type`: int8, int2, int4, oid, float4, float8) are numbers;
  /// `numeric` has more digits than a double and stays text, like everything else.
  private static func cell(_ bytes: UnsafeRawBufferPointer, _ type: UInt32) -> Cell {
    let number: Cell? =
      switch type {
      case 20, 21, 23, 26: Int64(String(decoding: bytes, as: UTF8.self)).map(Cell.integer)
      case 700, 701:
        Double(String(decoding: bytes, as: UTF8.self)).flatMap { $0.isFinite ? Cell.real($0) : nil }
      default: nil
      }
    return number ?? .text(bytes)
  }
}
