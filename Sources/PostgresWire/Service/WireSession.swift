import NIOConcurrencyHelpers

/// One client's session: made when it has authenticated itself, ended when its connection closes.
///
/// Sendable: any thread may read it and keep it.
public final class WireSession: Sendable {
  /// The process number that the client was told; unique among the server's living sessions.
  public let id: Int32
  public let user: String
  public let database: String
  private let currentApplicationName: NIOLockedValueBox<String>

  init(id: Int32, user: String, database: String, applicationName: String) {
    self.id = id
    self.user = user
    self.database = database
    self.currentApplicationName = NIOLockedValueBox(applicationName)
  }

  /// The client's `application_name`, which it may change at any time.
  public var applicationName: String {
    currentApplicationName.withLockedValue { $0 }
  }

  func setApplicationName(_ name: String) {
    currentApplicationName.withLockedValue { $0 = name }
  }
}
