import Diagnostics

/// What PostgreSQL, or the way to it, refused: a `SibylError` and what a program may want to know besides.
public struct PostgresError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The sentence for the user, and the kind of fault.
  public let error: SibylError
  /// The five-character error code (PostgreSQL documentation, Appendix A); nil where the fault is not the
  /// server's and not the connection's.
  public let sqlState: String?
  /// PostgreSQL's DETAIL: what exactly is the matter. Never holds a password.
  public let detail: String?
  /// PostgreSQL's HINT: what to do.
  public let hint: String?
  /// Whether the connection is gone, so that it must be opened again.
  public let isConnectionLost: Bool

  package init(
    _ error: SibylError, sqlState: String? = nil, detail: String? = nil, hint: String? = nil,
    isConnectionLost: Bool = false
  ) {
    self.error = error
    self.sqlState = sqlState
    self.detail = detail
    self.hint = hint
    self.isConnectionLost = isConnectionLost
  }

  /// An error of the server.
  package init(sqlState: String, message: String, detail: String? = nil, hint: String? = nil) {
    self.init(
      SibylError(Self.kind(of: sqlState), message), sqlState: sqlState, detail: detail, hint: hint,
      isConnectionLost: Self.meansLoss(sqlState))
  }

  /// The sentence, with DETAIL and HINT where there are any.
  public var description: String {
    var text = error.message
    if let detail { text += "\n" + detail }
    if let hint { text += "\n" + hint }
    return text
  }

  /// The same error with another sentence in front: `installing the functions failed: …`.
  package func told(_ introduction: String, hint newHint: String? = nil) -> PostgresError {
    PostgresError(
      SibylError(error.kind, "\(introduction): \(error.message)"), sqlState: sqlState, detail: detail,
      hint: newHint ?? hint, isConnectionLost: isConnectionLost)
  }

  /// The class of an SQLSTATE, its first two characters, says what kind of fault it is.
  static func kind(of sqlState: String) -> SibylError.Kind {
    if sqlState == "57014" { return .cancelled }
    return switch sqlState.prefix(2) {
    case "08", "25", "40", "53", "55", "57", "58": .unavailable
    case "XX": .internalFault
    case "0A", "21", "22", "23", "2B", "2F", "34", "3D", "3F", "42", "44", "54", "P0": .invalidArgument
    default: .unavailable
    }
  }

  /// Whether the server ends the connection with this error.
  private static func meansLoss(_ sqlState: String) -> Bool {
    sqlState.hasPrefix("08") || ["57P01", "57P02", "57P03", "57P05"].contains(sqlState)
  }
}
