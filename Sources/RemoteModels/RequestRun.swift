import Diagnostics
import ModelFiles
import Threads

/// Sends many requests to a server: so many at once, again where that may help, and no longer than the caller wants.
///
/// Threads: runs on the caller's; nothing is left behind when it returns.
struct RequestRun {
  /// What is to become of a request whose reply has come.
  enum Verdict {
    case done
    /// No other attempt will end better.
    case failed(SibylError)
    /// The server may be better soon.
    case tryAgain(SibylError, afterSeconds: Double?)
    /// In other words, at once.
    case rephrase
  }

  let server: ServerModel
  let state: ServerState
  var policy = RetryPolicy()

  private struct Job {
    let number: Int
    var attempt = 0
    var notBefore = 0.0
    var rephrasings = 0
  }

  /// A server may be asked in so many other words.
  private static let mostRephrasings = 6
  private static let pollingMilliseconds = 20

  /// - Parameters:
  ///   - request: makes the request of a number below `count`, for each attempt anew.
  ///   - judge: looks at a reply.
  /// - Returns: a fault a request, nil where `judge` was content.
  /// - Throws: where no request can be sent at all.
  func run(
    count: Int, isCancelled: (() -> Bool)?, request: (Int) -> ServerRequest,
    judge: (Int, ServerReply) -> Verdict
  ) throws(SibylError) -> [SibylError?] {
    var faults = [SibylError?](repeating: nil, count: count)
    var waiting = (0..<count).reversed().map { Job(number: $0) }
    var running: [Int: Job] = [:]
    let transfers = try state.takeTransfers()
    defer {
      for _ in running {
        state.abandoned()
        state.end()
      }
      transfers.cancelAll()
      state.giveBack(transfers)
    }
    while !waiting.isEmpty || !running.isEmpty {
      if isCancelled?() == true {
        for job in waiting + Array(running.values) { faults[job.number] = Self.cancelled }
        return faults
      }
      var later: [Job] = []
      while let job = waiting.popLast() {
        guard job.notBefore <= MonotonicClock.seconds, state.tryBegin(most: server.access.concurrency) else {
          later.append(job)
          // The others would wait for a place too, unless this one waits for its time.
          if job.notBefore <= MonotonicClock.seconds { break }
          continue
        }
        switch state.permission() {
        case .granted:
          do throws(SibylError) {
            try transfers.begin(request(job.number), tag: job.number)
            running[job.number] = job
          } catch {
            state.abandoned()
            state.end()
            throw error
          }
        case .wait:
          state.end()
          later.append(job)
        case .refused(let seconds):
          state.end()
          faults[job.number] = isDown(seconds)
        }
      }
      waiting += later.reversed()
      guard !waiting.isEmpty || !running.isEmpty else { break }
      transfers.run(milliseconds: Self.pollingMilliseconds)
      while let (tag, reply) = transfers.take() {
        guard var job = running.removeValue(forKey: tag) else { continue }
        state.end()
        job.attempt += 1
        switch judge(tag, reply) {
        case .done: state.succeeded()
        case .failed(let error):
          // A server that says no is there.
          if reply.status > 0 { state.succeeded() } else { state.failed() }
          faults[tag] = error
        case .rephrase where job.rephrasings < Self.mostRephrasings:
          state.succeeded()
          job.rephrasings += 1
          job.attempt -= 1
          waiting.append(job)
        case .rephrase: faults[tag] = SibylError(.unavailable, "the server refuses every form of the request")
        case .tryAgain(let error, let requested):
          guard
            let pause = policy.pause(
              after: job.attempt, requested: requested, random: Double.random(in: 0...1))
          else {
            // Too many requests are no sign of a server that is down.
            if reply.status == 429 { state.succeeded() } else { state.failed() }
            faults[tag] = Self.lasting(error, attempts: job.attempt, requested: requested)
            continue
          }
          state.abandoned()
          job.notBefore = MonotonicClock.seconds + pause
          waiting.append(job)
        }
      }
    }
    return faults
  }

  private static let cancelled = SibylError(.cancelled, "the call was cancelled")

  private static func lasting(_ error: SibylError, attempts: Int, requested: Double?) -> SibylError {
    let tried = attempts == 1 ? "" : " (tried \(attempts) times)"
    let wait = requested.map { "; it asks to wait \(Int(min($0, 1e9).rounded(.up))) seconds" } ?? ""
    return SibylError(error.kind, error.message + tried + wait)
  }

  private func isDown(_ seconds: Double) -> SibylError {
    SibylError(
      .unavailable,
      "the server at \(server.address.host) failed \(CircuitBreaker.mostFailures) requests in a row and is asked again "
        + "in \(max(1, Int(seconds.rounded(.up)))) seconds; see whether it runs")
  }
}
