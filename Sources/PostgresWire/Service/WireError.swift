import Diagnostics

/// An error or warning as a PostgreSQL client sees it (ErrorResponse and NoticeResponse; PostgreSQL
/// documentation, "Error and Notice Message Fields").
public struct WireError: Error, Hashable, Sendable, CustomStringConvertible {
  public enum Severity: String, Hashable, Sendable {
    /// The statement failed; the session lives on.
    case error = "ERROR"
    /// The session ends.
    case fatal = "FATAL"
    /// Nothing failed; only sent as a notice.
    case warning = "WARNING"
  }

  public var severity: Severity
  public var sqlState: SQLState
  /// A whole sentence for the user.
  public var message: String
  /// More about what happened.
  public var detail: String?
  /// What to do about it.
  public var hint: String?
  /// Where in the statement, in characters, the first one being 1.
  public var position: Int?

  public init(
    _ sqlState: SQLState, _ message: String, detail: String? = nil, hint: String? = nil,
    position: Int? = nil, severity: Severity = .error
  ) {
    self.severity = severity
    self.sqlState = sqlState
    self.message = message
    self.detail = detail
    self.hint = hint
    self.position = position
  }

  /// An engine's error, with the SQLSTATE that fits its kind.
  public init(_ error: SibylError) {
    let state: SQLState =
      switch error.kind {
      case .invalidArgument: .invalidParameterValue
      case .missingModel: .prerequisiteMissing
      case .corruptFile: .corruptFile
      case .unavailable: .insufficientResources
      case .cancelled: .queryCanceled
      case .internalFault: .internalError
      }
    self.init(state, error.message)
  }

  public var description: String { "\(severity.rawValue) \(sqlState.rawValue): \(message)" }

  /// What a call answers that was cancelled by its client.
  public static let cancelled = WireError(.queryCanceled, "canceling statement due to user request")

  static let cancelledByTimeout = WireError(.queryCanceled, "canceling statement due to statement timeout")

  static let stopping = WireError(
    .administratorShutdown, "terminating connection due to administrator command", severity: .fatal)
}
