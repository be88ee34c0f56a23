/// What answers the calls that clients make.
///
/// All methods are called on an event-loop thread that serves other sessions too: they must return at once
/// and never block. Sendable: with several event-loop threads they are called from several at a time.
public protocol WireService: Sendable {
  /// Says what a call takes and returns, before it runs: once for a simple query's call, once for a prepared
  /// statement.
  ///
  /// - Throws: why there is no such call, e.g. `SQLState.undefinedFunction`.
  func describe(_ signature: WireSignature, session: WireSession) throws(WireError) -> WireDescription

  /// Starts a call. The answer is given through `request.succeed` or `request.fail`, from any thread, now or
  /// later; a session runs one call at a time.
  func run(_ request: WireRequest)

  /// A client has authenticated itself.
  func sessionStarted(_ session: WireSession)

  /// A session's connection has closed; a call of it that still runs was cancelled just before.
  func sessionEnded(_ session: WireSession)
}

extension WireService {
  public func sessionStarted(_ session: WireSession) {}
  public func sessionEnded(_ session: WireSession) {}
}
