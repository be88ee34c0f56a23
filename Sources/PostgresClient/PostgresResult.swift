import CPostgres

/// A `PGresult`, freed when nobody refers to it any more. libpq never changes it once it is made.
final class PostgresResult: @unchecked Sendable {
  let pointer: OpaquePointer

  init(_ pointer: OpaquePointer) { self.pointer = pointer }

  deinit { PQclear(pointer) }

  var status: ExecStatusType { PQresultStatus(pointer) }
  var rowCount: Int { Int(PQntuples(pointer)) }
  var columnCount: Int { Int(PQnfields(pointer)) }

  var columns: [PostgresColumn] {
    (0..<PQnfields(pointer)).map { index in
      PostgresColumn(
        name: PQfname(pointer, index).map { String(cString: $0) } ?? "", type: PQftype(pointer, index))
    }
  }

  /// The bytes of a value's text form; nil for NULL and for a place outside the result.
  func bytes(row: Int, column: Int) -> UnsafeRawBufferPointer? {
    guard row >= 0, row < rowCount, column >= 0, column < columnCount else { return nil }
    let (row, column) = (Int32(truncatingIfNeeded: row), Int32(truncatingIfNeeded: column))
    guard PQgetisnull(pointer, row, column) == 0, let value = PQgetvalue(pointer, row, column) else {
      return nil
    }
    return UnsafeRawBufferPointer(start: value, count: Int(PQgetlength(pointer, row, column)))
  }

  func text(row: Int, column: Int) -> String? {
    bytes(row: row, column: column).map { String(decoding: $0, as: UTF8.self) }
  }
}
