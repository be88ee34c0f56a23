import PostgresWire
import Threads

/// The calls of the database's own functions (`sibyl_call`, `sibyl_call_in`, `sibyl_wait`), answered within a slice of
/// time: with the answer, or with a ticket to ask again with, and how far the call is where that is known.
///
/// So no call blocks a PostgreSQL session for longer than a slice, and the session notices its cancellation
/// between two; it then closes its connection, and its calls are cancelled. A ticket that nobody asks for, although
/// its session is there, is cancelled too, and stays known for a while, because the session may merely have been put
/// aside on a busy machine; when it asks after all, the call starts again.
///
/// Threads: any. `tick` is called every few milliseconds while `isBusy`.
final class LongPoll: Sendable {
  /// How long a request waits before it is answered with a ticket.
  static let slice: UInt64 = 50_000_000
  /// How long a ticket's computation goes on unasked.
  static let patience: UInt64 = 2_000_000_000
  /// How long a cancelled ticket can be taken up again.
  static let memory: UInt64 = 30_000_000_000

  /// Starts a computation; throws where the pool is full.
  typealias Start = @Sendable (CallRequest, _ session: Int32) throws(WireError) -> CallAttempt

  private struct Call {
    let request: CallRequest
    let session: Int32
    var attempt: CallAttempt
    /// The request that waits, and since when; nil while the client has a ticket and has not asked.
    var waiter: WireRequest?
    var waitingSince: UInt64
    var isAbandoned = false
  }

  private struct State {
    var calls: [UInt64: Call] = [:]
    var lastTicket: UInt64 = 0
    /// Set when the bridge stops: what runs is answered when it is done, however long that takes.
    var givesTickets = true
  }

  private let state = Guarded(State())
  private let start: Start

  init(start: @escaping Start) { self.start = start }

  var isBusy: Bool { state.withLock { !$0.calls.isEmpty } }

  /// `sibyl_call`: begins a call.
  func begin(_ call: CallRequest, for waiter: WireRequest) {
    let attempt: CallAttempt
    do throws(WireError) { attempt = try start(call, waiter.session.id) } catch {
      waiter.fail(error)
      return
    }
    let now = MonotonicClock.nanoseconds
    let number = state.withLock { state in
      state.lastTicket += 1
      state.calls[state.lastTicket] = Call(
        request: call, session: waiter.session.id, attempt: attempt, waiter: waiter, waitingSince: now)
      return state.lastTicket
    }
    watch(attempt, number, waiter)
  }

  /// `sibyl_wait`: asks for a ticket's answer. A ticket is good in the session that got it, and nowhere else.
  func wait(_ ticket: String, for waiter: WireRequest) {
    guard let number = UInt64(ticket) else { return waiter.fail(Self.unknown) }
    let now = MonotonicClock.nanoseconds
    enum Found {
      case unknown
      case running(CallAttempt)
      case abandoned(CallRequest)
    }
    let found = state.withLock { state -> Found in
      guard var call = state.calls[number], call.session == waiter.session.id, call.waiter == nil else {
        return .unknown
      }
      call.waiter = waiter
      call.waitingSince = now
      state.calls[number] = call
      return call.isAbandoned ? .abandoned(call.request) : .running(call.attempt)
    }
    switch found {
    case .unknown: waiter.fail(Self.unknown)
    case .running(let attempt): watch(attempt, number, waiter)
    case .abandoned(let request):
      do throws(WireError) {
        let attempt = try start(request, waiter.session.id)
        state.withLock { state in
          state.calls[number]?.attempt = attempt
          state.calls[number]?.isAbandoned = false
        }
        watch(attempt, number, waiter)
      } catch {
        end(number)
        waiter.fail(error)
      }
    }
  }

  /// The session is gone: its calls are not wanted any more.
  func sessionEnded(_ session: Int32) {
    let gone = state.withLock { state in
      let gone = state.calls.filter { $0.value.session == session }
      for number in gone.keys { state.calls[number] = nil }
      return gone.values.map(\.attempt)
    }
    for attempt in gone { attempt.cancel() }
  }

  /// Answers requests that have waited for a slice, and cancels what nobody asks for.
  func tick(now: UInt64 = MonotonicClock.nanoseconds) {
    var tickets: [(UInt64, WireRequest, progress: String?)] = []
    var abandoned: [CallAttempt] = []
    state.withLock { state in
      for (number, call) in state.calls {
        let age = now &- min(call.waitingSince, now)
        if let waiter = call.waiter {
          guard age >= Self.slice, state.givesTickets else { continue }
          state.calls[number]?.waiter = nil
          state.calls[number]?.waitingSince = now
          tickets.append((number, waiter, call.attempt.progress))
        } else if call.isAbandoned {
          if age >= Self.memory { state.calls[number] = nil }
        } else if age >= Self.patience {
          state.calls[number]?.isAbandoned = true
          abandoned.append(call.attempt)
        }
      }
    }
    for attempt in abandoned { attempt.cancel() }
    for (number, waiter, progress) in tickets {
      waiter.succeed(
        WireRows(columnCount: 2, cells: [.text(String(number)), progress.map(WireCell.text) ?? .null]))
    }
  }

  /// Gives no more tickets, so that every call that runs keeps its session waiting for the answer. A session that
  /// has a ticket just now is about to ask again, and gets `milliseconds` for that.
  ///
  /// A session that waits can't be cancelled any more; the server's own stop bounds that.
  func endTickets(milliseconds: UInt64) {
    state.withLock { $0.givesTickets = false }
    let deadline = MonotonicClock.nanoseconds + milliseconds * 1_000_000
    while MonotonicClock.nanoseconds < deadline, hasTickets { MonotonicClock.sleep(milliseconds: 1) }
  }

  private var hasTickets: Bool {
    state.withLock { $0.calls.values.contains { $0.waiter == nil && !$0.isAbandoned } }
  }

  // MARK: - One floor below

  private func watch(_ attempt: CallAttempt, _ number: UInt64, _ waiter: WireRequest) {
    waiter.onCancel { attempt.cancel() }
    attempt.whenFinished { [self] outcome in
      // Whoever waits now gets the answer: this request, or a later one with the ticket.
      let waiter = state.withLock { state -> WireRequest? in
        guard let call = state.calls[number], call.attempt === attempt, let waiter = call.waiter else {
          return nil
        }
        state.calls[number] = nil
        return waiter
      }
      waiter.map { Self.answer($0, outcome, attempt.request) }
    }
  }

  private func end(_ number: UInt64) { state.withLock { $0.calls[number] = nil } }

  private static func answer(
    _ waiter: WireRequest, _ outcome: CallAttempt.Outcome, _ request: CallRequest
  ) {
    switch outcome {
    case .failure(let error): waiter.fail(error)
    case .success(.values(let values)):
      var rows = WireRows(columnCount: 2)
      rows.reserveRows(values.count)
      for value in values {
        rows.append(.null)
        rows.append(Answer.text(value).map(WireCell.text) ?? .null)
      }
      waiter.succeed(rows)
    case .success(.stored(let value, let results)):
      var rows = WireRows(columnCount: 2, cells: [.null, Answer.text(value).map(WireCell.text) ?? .null])
      for result in results {
        rows.append(.null)
        rows.append(.text(result))
      }
      waiter.succeed(rows)
    // Only jobs ask for those.
    case .success(.results): waiter.fail(.cancelled)
    case .success(.rows(let found)):
      guard case .table(let table) = request.target else { return waiter.fail(.cancelled) }
      var rows = WireRows(columnCount: 2)
      for row in found {
        rows.append(.null)
        rows.append(.text(Answer.object(row, of: table)))
      }
      waiter.succeed(rows)
    }
  }

  private static let unknown = WireError(
    .invalidParameterValue, "sibyl_wait: there is no call with this ticket",
    hint: "The bridge was restarted, or the call was cancelled; call the function again.")
}
