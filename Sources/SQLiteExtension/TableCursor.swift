import Diagnostics
import Functions

/// One reading of a table-valued function: the arguments and the rows that they gave.
final class TableCursor {
  /// The row that SQLite looks at.
  var position = 0
  private let function: TableFunction
  private var arguments: [Value] = []
  private var rows: [AITable.Row] = []

  init(_ function: TableFunction) { self.function = function }

  var isAtEnd: Bool { position >= rows.count }

  /// Begins anew with the arguments that a plan supplies.
  func start(plan: Int32, _ values: UnsafeBufferPointer<OpaquePointer?>) throws(SibylError) {
    position = 0
    rows = []
    var given = values.makeIterator()
    arguments = []
    for parameter in function.table.parameters.indices {
      guard plan & (1 << Int32(parameter)) != 0, let value = given.next() else {
        arguments.append(.null)
        continue
      }
      arguments.append(try SQLiteArgument.raw(value).copied(as: parameter, of: function.table))
    }
    rows = try function.rows(arguments)
  }

  /// A column of the current row; behind the visible columns come the arguments.
  func value(column: Int) -> Value {
    let visible = function.table.columns.count
    if column >= visible {
      return arguments.indices.contains(column - visible) ? arguments[column - visible] : .null
    }
    guard rows.indices.contains(position), rows[position].indices.contains(column) else { return .null }
    return rows[position][column]
  }
}
