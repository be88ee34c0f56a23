import PostgresWire
import Threads

/// What sessions have sent in parts, until a call takes it.
///
/// Threads: any.
final class SessionUploads: Sendable {
  private struct Key: Hashable {
    let session: Int32
    let name: String
  }

  private struct State {
    var uploads: [Key: SessionUpload] = [:]
    /// In the order in which they began.
    var order: [Key] = []
    var bytes = 0

    mutating func remove(_ key: Key) -> SessionUpload? {
      guard let upload = uploads.removeValue(forKey: key) else { return nil }
      bytes -= upload.bytes
      order.removeAll { $0 == key }
      return upload
    }
  }

  /// One within another: a query about whose rows a call is may make such calls itself.
  private static let mostOfSession = 4
  private static let mostBytes = 1 << 30

  private let state = Guarded(State())

  /// Takes a part.
  ///
  /// - Parameter name: what the session calls the upload.
  func put(_ part: String, _ name: String, isFirst: Bool, session: Int32) throws(WireError) {
    let key = Key(session: session, name: name)
    let error = state.withLock { state -> WireError? in
      if isFirst {
        _ = state.remove(key)
        let own = state.order.filter { $0.session == session }
        // A call that failed has left it behind.
        if own.count >= Self.mostOfSession { _ = state.remove(own[0]) }
      }
      guard isFirst || state.uploads[key] != nil else { return Self.lost }
      guard state.bytes + part.utf8.count <= Self.mostBytes else {
        _ = state.remove(key)
        return WireError(
          .insufficientResources, "the bridge holds as many rows of unfinished calls as it may",
          hint: "Try again later, or with fewer rows.")
      }
      if isFirst { state.order.append(key) }
      state.uploads[key, default: SessionUpload()].append(part)
      state.bytes += part.utf8.count
      return nil
    }
    if let error { throw error }
  }

  func take(_ name: String, session: Int32) throws(WireError) -> SessionUpload {
    guard let upload = state.withLock({ $0.remove(Key(session: session, name: name)) }) else {
      throw Self.lost
    }
    return upload
  }

  func sessionEnded(_ session: Int32) {
    state.withLock { state in
      for key in state.order where key.session == session { _ = state.remove(key) }
    }
  }

  private static let lost = WireError(
    .connectionFailure, "the bridge was restarted while it was sent the rows of a query",
    hint: "Run the statement again.")
}
