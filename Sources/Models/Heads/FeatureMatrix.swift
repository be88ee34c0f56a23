import Diagnostics

/// Rows of features, row after row in one block of memory: `rowCount` x `columnCount` float32.
///
/// What an encoder hands to the heads: the embeddings of texts (384 columns for MiniLM) or the pools of all
/// its layers side by side (2,304 columns).
public struct FeatureMatrix: Sendable {
  public private(set) var rowCount: Int
  public let columnCount: Int
  /// `rowCount * columnCount` values.
  public private(set) var values: [Float]

  /// An empty matrix that rows are appended to.
  public init(columnCount: Int) {
    self.columnCount = max(columnCount, 0)
    rowCount = 0
    values = []
  }

  /// A matrix over `values`, which holds `columnCount` values a row.
  ///
  /// - Throws: `SibylError` when the number of values is no multiple of `columnCount`.
  public init(columnCount: Int, values: [Float]) throws(SibylError) {
    guard columnCount > 0, values.count.isMultiple(of: columnCount) else {
      throw SibylError(
        .invalidArgument,
        "a feature matrix of \(columnCount) columns needs a whole number of rows, not \(values.count) values")
    }
    self.columnCount = columnCount
    rowCount = values.count / columnCount
    self.values = values
  }

  public mutating func reserveCapacity(rows: Int) {
    let (count, overflow) = rows.multipliedReportingOverflow(by: columnCount)
    if !overflow { values.reserveCapacity(max(count, 0)) }
  }

  /// Appends one row.
  ///
  /// - Throws: `SibylError` when the row does not have `columnCount` values.
  public mutating func append(_ row: some Collection<Float>) throws(SibylError) {
    guard row.count == columnCount else {
      throw SibylError(
        .invalidArgument, "a row of \(columnCount) features is needed here, and one of \(row.count) came")
    }
    values.append(contentsOf: row)
    rowCount += 1
  }

  /// Appends all rows of another matrix of the same width.
  public mutating func append(contentsOf other: FeatureMatrix) throws(SibylError) {
    guard other.columnCount == columnCount else {
      throw SibylError(
        .invalidArgument,
        "rows of \(columnCount) features are needed here, and rows of \(other.columnCount) came")
    }
    values.append(contentsOf: other.values)
    rowCount += other.rowCount
  }

  /// Shifts and scales every row.
  mutating func apply(_ scaling: FeatureScaling) {
    let columns = min(columnCount, scaling.shifts.count, scaling.scales.count)
    values.withUnsafeMutableBufferPointer { values in
      for start in stride(from: 0, to: rowCount * columnCount, by: max(columnCount, 1)) {
        for column in 0..<columns {
          values[start + column] = (values[start + column] - scaling.shifts[column]) * scaling.scales[column]
        }
      }
    }
  }

  /// The values of one row; empty where there is no such row.
  public subscript(row row: Int) -> ArraySlice<Float> {
    guard row >= 0, row < rowCount else { return [] }
    return values[row * columnCount..<(row + 1) * columnCount]
  }
}
