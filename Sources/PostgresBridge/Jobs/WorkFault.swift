import Diagnostics
import PostgresClient

/// Why leased work was not done, beyond what befell a row of it.
enum WorkFault: Error {
  /// The lease is lost, the job is cancelled, or the process stops.
  case unwanted
  /// This process can't do it just now; another one may.
  case worker(String)
  /// It went wrong, and may go better another time.
  case attempt(String)
  /// Nobody can, until somebody mends it.
  case work(String)
  /// The connection is gone.
  case connection(PostgresError)

  /// - Parameter isLost: whether the worker's own connection is gone; an error of a bridge that the query called looks
  ///   the same.
  /// - Returns: nil for an error that a row may be to blame for.
  init?(_ error: PostgresError, isLost: Bool) {
    if isLost {
      self = .connection(error)
      return
    }
    switch error.sqlState?.prefix(2) {
    // Something is not there, or not allowed; or the query writes.
    case "42", "0A", "25", "3D", "3F": self = .work(error.error.message)
    // A conflict with other sessions, a lack of something, a bridge that does not answer.
    case "08", "40", "53", "55", "57", "58", "XX", nil: self = .worker(error.error.message)
    default: return nil
    }
  }

  /// - Returns: nil for an error that the row is to blame for.
  init?(_ error: SibylError) {
    switch error.kind {
    case .invalidArgument, .internalFault: return nil
    case .cancelled: self = .unwanted
    case .missingModel, .corruptFile: self = .worker(error.message)
    case .unavailable: self = .attempt(error.message)
    }
  }
}
