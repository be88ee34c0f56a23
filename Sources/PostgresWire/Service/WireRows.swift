/// The rows of a call's result, stored flat: row after row, one cell a column.
public struct WireRows: Hashable, Sendable {
  public let columnCount: Int
  public private(set) var cells: [WireCell]

  /// - Parameter cells: `columnCount` cells a row. The statement fails where they don't make whole rows or
  ///   `columnCount` is not what the description said.
  public init(columnCount: Int, cells: [WireCell] = []) {
    self.columnCount = columnCount
    self.cells = cells
  }

  /// One row of one column.
  public init(_ cell: WireCell) {
    self.init(columnCount: 1, cells: [cell])
  }

  public var rowCount: Int { columnCount > 0 ? cells.count / columnCount : 0 }

  /// Adds one cell: the next column of the row that is being filled, or the first of a new row.
  public mutating func append(_ cell: WireCell) {
    cells.append(cell)
  }

  public mutating func reserveRows(_ count: Int) {
    let (cellCount, overflows) = count.multipliedReportingOverflow(by: columnCount)
    if !overflows, cellCount > 0 { cells.reserveCapacity(cellCount) }
  }
}
