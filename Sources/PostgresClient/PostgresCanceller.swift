import CPostgres

/// Cancels what a connection is doing, from any thread.
///
/// libpq's `PQcancel` is made for that: it uses nothing of the connection, only what `PQgetCancel` copied,
/// which never changes.
public final class PostgresCanceller: @unchecked Sendable {
  private let pointer: OpaquePointer

  init?(_ connection: OpaquePointer) {
    guard let pointer = PQgetCancel(connection) else { return nil }
    self.pointer = pointer
  }

  deinit { PQfreeCancel(pointer) }

  /// Asks the server to cancel the statement that runs. It then ends with SQLSTATE 57014; where none runs,
  /// nothing happens.
  /// - Returns: whether the request was sent.
  @discardableResult public func cancel() -> Bool {
    var message = [CChar](repeating: 0, count: 256)
    return PQcancel(pointer, &message, Int32(message.count)) == 1
  }
}
