import NIOCore
import NIOConcurrencyHelpers

/// All connections of a server: to count them, to find the one that a CancelRequest means, and to stop them.
///
/// Sendable: used from every event loop and from the thread that stops the server.
final class ConnectionRegistry: Sendable {
  /// A connection, from outside of its event loop.
  struct Entry: Sendable {
    let eventLoop: any EventLoop
    let handler: NIOLoopBound<ConnectionHandler>

    /// Runs something on the connection's event loop.
    func execute(_ body: @escaping @Sendable (ConnectionHandler) -> Void) {
      let handler = handler
      eventLoop.execute { body(handler.value) }
    }
  }

  private struct State {
    var connections: [ObjectIdentifier: Entry] = [:]
    var sessions: [Int32: (secret: Int32, entry: Entry)] = [:]
    /// Sessions and the connections that are about to become one.
    var admitted = 0
    var nextID: Int32 = 1
    var isStopping = false
    var whenEmpty: EventLoopPromise<Void>?
  }

  private let maximumSessions: Int
  /// Connections beyond the sessions: those that only ask, cancel, or are told that there is no room.
  private let reserve = 64
  private let state = NIOLockedValueBox(State())

  init(maximumSessions: Int) {
    self.maximumSessions = maximumSessions
  }

  var sessionCount: Int {
    state.withLockedValue { $0.sessions.count }
  }

  /// - Returns: false where there is no room, or the server stops.
  func add(_ handler: ConnectionHandler, eventLoop: any EventLoop) -> Bool {
    let entry = Entry(eventLoop: eventLoop, handler: NIOLoopBound(handler, eventLoop: eventLoop))
    let identifier = ObjectIdentifier(handler)
    return state.withLockedValue { state in
      guard !state.isStopping, state.connections.count < maximumSessions + reserve else { return false }
      state.connections[identifier] = entry
      return true
    }
  }

  func remove(_ handler: ConnectionHandler, session: Int32?, wasAdmitted: Bool) {
    let identifier = ObjectIdentifier(handler)
    let promise = state.withLockedValue { state -> EventLoopPromise<Void>? in
      guard state.connections.removeValue(forKey: identifier) != nil else { return nil }
      if let session { state.sessions[session] = nil }
      if wasAdmitted { state.admitted -= 1 }
      guard state.connections.isEmpty else { return nil }
      defer { state.whenEmpty = nil }
      return state.whenEmpty
    }
    promise?.succeed(())
  }

  /// Takes one of the places for sessions, if there is one left.
  func admit() -> Bool {
    state.withLockedValue { state in
      guard state.admitted < maximumSessions else { return false }
      state.admitted += 1
      return true
    }
  }

  /// Gives a session its number and its secret key for CancelRequest.
  func startSession(of handler: ConnectionHandler) -> (id: Int32, secret: Int32) {
    let identifier = ObjectIdentifier(handler)
    var generator = SystemRandomNumberGenerator()
    let secret = Int32.random(in: .min ... .max, using: &generator)
    return state.withLockedValue { state in
      while state.sessions[state.nextID] != nil { state.nextID = Self.following(state.nextID) }
      let id = state.nextID
      state.nextID = Self.following(id)
      if let entry = state.connections[identifier] { state.sessions[id] = (secret, entry) }
      return (id, secret)
    }
  }

  private static func following(_ id: Int32) -> Int32 {
    id == .max ? 1 : id + 1
  }

  /// Finds the session that a CancelRequest means.
  func session(_ id: Int32, secret: Int32) -> Entry? {
    state.withLockedValue { state in
      guard let session = state.sessions[id], session.secret ^ secret == 0 else { return nil }
      return session.entry
    }
  }

  // MARK: Stop

  var isStopping: Bool { state.withLockedValue { $0.isStopping } }

  /// Takes no more connections.
  ///
  /// - Parameter whenEmpty: is fulfilled when the last connection is gone.
  /// - Returns: the connections that there are.
  func beginStop(whenEmpty: EventLoopPromise<Void>) -> [Entry] {
    let entries = state.withLockedValue { state in
      state.isStopping = true
      if !state.connections.isEmpty { state.whenEmpty = whenEmpty }
      return Array(state.connections.values)
    }
    if entries.isEmpty { whenEmpty.succeed(()) }
    return entries
  }

  var connections: [Entry] {
    state.withLockedValue { Array($0.connections.values) }
  }
}
