import NIOCore

/// One running call: what was asked, whether it is still wanted, and where its answer goes.
///
/// Sendable: all members may be used from any thread. The first of `succeed` and `fail` wins, later ones do
/// nothing; a request that is let go without an answer fails with an internal error. After a cancellation the
/// service still answers (by custom with `WireError.cancelled`), and should within a few milliseconds: the
/// client waits for it, and the session takes its next statement only then.
public final class WireRequest: Sendable {
  public let call: WireCall
  public let session: WireSession
  private let answer: PendingAnswer

  init(call: WireCall, session: WireSession, answer: PendingAnswer) {
    self.call = call
    self.session = session
    self.answer = answer
  }

  deinit {
    answer.finish(.failure(WireError(.internalError, "\(call.name): the call ended without an answer")))
  }

  /// Answers with rows; `columnCount` and the cells' order are those of the service's description.
  public func succeed(_ rows: WireRows) {
    answer.finish(.success(rows))
  }

  /// Answers with one row of one column.
  public func succeed(_ cell: WireCell) {
    answer.finish(.success(WireRows(cell)))
  }

  public func fail(_ error: WireError) {
    answer.finish(.failure(error))
  }

  /// Whether the answer is no longer wanted: the client sent a CancelRequest or closed its connection, its
  /// `statement_timeout` passed, or the server stops.
  public var isCancelled: Bool { answer.isCancelled }

  /// Runs `hook` once when the request is cancelled; at once where it already is, never once it is answered.
  /// The hook runs on an event-loop thread (or the caller's) and must not block.
  public func onCancel(_ hook: @escaping @Sendable () -> Void) {
    answer.onCancel(hook)
  }
}
