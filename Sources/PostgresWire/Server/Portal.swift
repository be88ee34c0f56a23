/// A statement with its parameters' values, ready to run or partly run.
struct Portal {
  /// How far a portal has come.
  enum State {
    case ready
    case suspended(WireRows)
    case done
  }

  var statement: Statement?
  var columns: [WireColumn]
  var formats: FormatCodes
  var state = State.ready
  var nextRow = 0

  var isSuspended: Bool {
    if case .suspended = state { true } else { false }
  }
}
