import Diagnostics

extension SibylError {
  /// Whether the fault lies in what one row asks for, so that the other rows can be answered, and "on_error" decides
  /// about this one.
  var isOfOneRow: Bool {
    switch kind {
    case .invalidArgument, .unavailable: true
    case .missingModel, .corruptFile, .cancelled, .internalFault: false
    }
  }
}

extension Result where Success == Value, Failure == SibylError {
  /// NULL in place of a row's own fault, where the options ask for that.
  func nullOnError(_ isAsked: Bool) -> Self {
    guard isAsked, case .failure(let error) = self, error.isOfOneRow else { return self }
    return .success(.null)
  }
}
