import Functions
import PostgresWire

extension CallRequest {
  /// A call a row, whose arguments may all differ, and whose failures are told row by row.
  init(_ function: AIFunction, rows: [[Value]], _ surroundings: CallSurroundings) {
    self.surroundings = surroundings
    target = .function(function)
    self.rows = rows
    // What a job computes goes into its target; in the database's cache it would stand twice.
    keyArguments = []
    isArray = true
    tellsEachFailure = true
  }

  /// The arguments of a row of a job, as the function takes them.
  static func arguments(
    _ texts: [String?], types: [String], of function: AIFunction
  ) throws(WireError) -> [Value] {
    var values: [Value] = []
    for (position, text) in texts.enumerated() where position < function.parameters.count {
      let type = types.indices.contains(position) && types[position] == "vector" ? "vector" : nil
      values.append(
        try value(WireArgument(text.map(WireValue.text) ?? .null, typeName: type), position, function))
    }
    return values
  }
}
