import NIOCore
import NIOConcurrencyHelpers

/// The connection's end of a `WireRequest`: it knows who waits for the answer and carries cancellation.
///
/// Sendable: all members may be used from any thread.
final class PendingAnswer: Sendable {
  private struct State {
    /// Nil once the answer is given or nobody waits for it any more.
    var receiver: NIOLoopBound<ClientSession>?
    var isCancelled = false
    var hooks: [@Sendable () -> Void] = []
  }

  private let eventLoop: any EventLoop
  private let state: NIOLockedValueBox<State>

  /// - Parameter receiver: gets the answer, on the event loop.
  init(receiver: ClientSession, eventLoop: any EventLoop) {
    self.eventLoop = eventLoop
    state = NIOLockedValueBox(State(receiver: NIOLoopBound(receiver, eventLoop: eventLoop)))
  }

  func finish(_ outcome: Result<WireRows, WireError>) {
    if eventLoop.inEventLoop {
      takeReceiver()?.value.callFinished(outcome)
      return
    }
    // The task is handed over under the lock: once `abandon` has returned, nothing touches the event loop
    // any more, and the server may shut it down.
    state.withLockedValue { state in
      guard let receiver = state.receiver else { return }
      state.receiver = nil
      state.hooks = []
      eventLoop.execute { receiver.value.callFinished(outcome) }
    }
  }

  private func takeReceiver() -> NIOLoopBound<ClientSession>? {
    state.withLockedValue { state in
      defer {
        state.receiver = nil
        state.hooks = []
      }
      return state.receiver
    }
  }

  var isCancelled: Bool {
    state.withLockedValue { $0.isCancelled }
  }

  func onCancel(_ hook: @escaping @Sendable () -> Void) {
    let isCancelled = state.withLockedValue { state in
      if !state.isCancelled, state.receiver != nil { state.hooks.append(hook) }
      return state.isCancelled
    }
    if isCancelled { hook() }
  }

  /// Tells the service that the answer is no longer wanted; it still has to come.
  func cancel() {
    let hooks = state.withLockedValue { state in
      defer { state.hooks = [] }
      guard !state.isCancelled, state.receiver != nil else { return [@Sendable () -> Void]() }
      state.isCancelled = true
      return state.hooks
    }
    for hook in hooks { hook() }
  }

  /// Cancels, and drops the answer when it comes: nobody is there to take it.
  func abandon() {
    cancel()
    _ = takeReceiver()
  }
}
