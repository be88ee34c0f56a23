/// A statement that was parsed ahead of its execution.
struct PreparedStatement {
  /// Nil for an empty query string.
  var statement: Statement?
  var parameterTypes: [WireType] = []
  /// Empty where the statement returns no rows.
  var columns: [WireColumn] = []
  /// What an argument at a parameter's place is called, in the order of the statement's parameters.
  var argumentTypeNames: [String?] = []
}
