/// What the server says beside the answer: a NOTICE, a WARNING.
public struct PostgresNotice: Hashable, Sendable {
  /// `NOTICE`, `WARNING`, `INFO`, `LOG` or `DEBUG`, in English whatever the server's language is.
  public let severity: String
  public let sqlState: String
  public let message: String
  public let detail: String?
  public let hint: String?

  /// - Parameter result: the `PGresult` that a notice comes as; it stays libpq's.
  init(_ result: OpaquePointer) {
    severity = ErrorField.severity.read(result) ?? "NOTICE"
    sqlState = ErrorField.sqlState.read(result) ?? "00000"
    message = ErrorField.message.read(result) ?? ""
    detail = ErrorField.detail.read(result)
    hint = ErrorField.hint.read(result)
  }
}
