import CPostgres
import Diagnostics

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

extension PostgresConnection {
  /// Waits until a notification comes on a channel that this connection listens to (`LISTEN`), or until
  /// `milliseconds` have passed.
  /// - Returns: whether one came; all that came are consumed.
  /// - Throws: a lost connection.
  public func waitForNotification(milliseconds: Int) throws(PostgresError) -> Bool {
    if takeNotifications() { return true }
    var descriptor = pollfd(fd: PQsocket(pointer), events: Int16(POLLIN), revents: 0)
    if descriptor.fd >= 0, poll(&descriptor, 1, Int32(clamping: milliseconds)) > 0 {
      _ = PQconsumeInput(pointer)
    }
    if takeNotifications() { return true }
    // The server's parting words come before the end of the stream.
    guard checkIsAlive() else {
      throw PostgresError(
        SibylError(.unavailable, "the connection to \(dsn) is lost"), sqlState: "08006",
        isConnectionLost: true)
    }
    return false
  }

  private func takeNotifications() -> Bool {
    var isNotified = false
    while let notification = PQnotifies(pointer) {
      isNotified = true
      PQfreemem(notification)
    }
    return isNotified
  }
}
