import Diagnostics

extension SibylError {
  /// Whether the fault lies in what one row asks for, so that the other rows can be answered, and "on_error" decides
  /// about this one, now and whenever it is asked again.
  var isOfOneRow: Bool {
    switch kind {
    case .invalidArgument: true
    case .unavailable, .missingModel, .corruptFile, .cancelled, .internalFault: false
    }
  }

  /// Whether the call may well be answered another time: no memory, a server that is busy. Where "on_error" asks for it
  /// the answer is NULL, but it is not kept.
  var isPassing: Bool { kind == .unavailable }
}

extension Result where Success == Value, Failure == SibylError {
  /// NULL in place of a row's own fault, where the options ask for that.
  func nullOnError(_ isAsked: Bool) -> Self {
    guard isAsked, case .failure(let error) = self, error.isOfOneRow else { return self }
    return .success(.null)
  }
  /// NULL in place of a fault that may pass, where the options ask for that.
  func nullWhilePassing(_ isAsked: Bool) -> Self {
    guard isAsked, case .failure(let error) = self, error.isPassing else { return self }
    return .success(.null)
  }
}
