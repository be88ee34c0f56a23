import Diagnostics
import Functions
import PostgresWire

/// Computes calls by the catalogue's functions.
///
/// Threads: any.
final class CallEvaluator: Sendable {
  /// Rows of one call that are computed before the next look at whether the caller still waits.
  private static let rowsAtOnce = 512

  private let evaluator: Evaluator
  private let fingerprints: Fingerprints
  private let answers: AnswerWriter
  private let counters: BridgeCounters

  init(evaluator: Evaluator, fingerprints: Fingerprints, answers: AnswerWriter, counters: BridgeCounters) {
    self.evaluator = evaluator
    self.fingerprints = fingerprints
    self.answers = answers
    self.counters = counters
  }

  /// Computes calls, all of one function where there are several, and tells each its outcome.
  func evaluate(_ attempts: [CallAttempt]) {
    guard attempts.count > 1, case .function(let function)? = attempts.first?.request.target else {
      for attempt in attempts { attempt.finish(outcome(of: attempt)) }
      return
    }
    let wanted = attempts.filter { attempt in
      // Asked once: it may be cancelled at any moment, and has to be finished here or below.
      guard attempt.isCancelled else { return true }
      attempt.finish(.failure(attempt.cancellation ?? .cancelled))
      return false
    }
    let fingerprint = fingerprints[function.name]
    let results = evaluator.evaluate(
      function, wanted.map { $0.request.rows.first.flatMap { $0 } ?? [] },
      host: CallHost(attempts: wanted))
    var kept: [AnswerWriter.Entry] = []
    for (attempt, result) in zip(wanted, results) {
      if let fingerprint, case .success(let value) = result {
        keep(value, 0, of: attempt.request, fingerprint.bytes, &kept)
      }
    }
    counters.add(answered: wanted.count)
    if fingerprint == fingerprints[function.name] { answers.store(kept) }
    for (attempt, result) in zip(wanted, results) {
      attempt.finish(
        result.map { .values([$0]) }.mapError { attempt.cancellation ?? WireError($0) })
    }
  }

  private func outcome(of attempt: CallAttempt) -> CallAttempt.Outcome {
    do {
      switch attempt.request.target {
      case .function(let function) where attempt.request.tellsEachFailure:
        return .success(.results(try results(of: function, attempt)))
      case .function(let function): return .success(.values(try values(of: function, attempt)))
      case .table(let table): return .success(.rows(try rows(of: table, attempt)))
      }
    } catch let error as WireError {
      return .failure(attempt.cancellation ?? error)
    } catch let error as SibylError {
      return .failure(attempt.cancellation ?? WireError(error))
    } catch {
      return .failure(WireError(.internalError, "\(error)"))
    }
  }

  /// Notes an answer for the database's cache table.
  private func keep(
    _ value: Value, _ row: Int, of request: CallRequest, _ fingerprint: [UInt8],
    _ kept: inout [AnswerWriter.Entry]
  ) {
    guard row < request.keyArguments.count, let arguments = request.keyArguments[row] else { return }
    kept.append(
      AnswerWriter.Entry(
        key: PostgresCacheKey.key(fingerprint: fingerprint, arguments: arguments),
        answer: Answer.text(value)))
  }

  private func rows(of table: AITable, _ attempt: CallAttempt) throws -> [AITable.Row] {
    guard let arguments = attempt.request.rows.first, let arguments else { return [] }
    return try evaluator.rows(of: table, arguments, host: CallHost(attempts: [attempt]))
  }

  private func results(
    of function: AIFunction, _ attempt: CallAttempt
  ) throws -> [Result<Value, SibylError>] {
    let calls = attempt.request.rows.map { $0 ?? [] }
    let host = CallHost(attempts: [attempt])
    var results: [Result<Value, SibylError>] = []
    while results.count < calls.count {
      if attempt.isCancelled { throw attempt.cancellation ?? .cancelled }
      let slice = calls[results.count..<min(results.count + Self.rowsAtOnce, calls.count)]
      results += evaluator.evaluate(function, Array(slice), host: host)
      counters.add(answered: slice.count)
    }
    return results
  }

  private func values(of function: AIFunction, _ attempt: CallAttempt) throws -> [Value] {
    let request = attempt.request
    // Taken before computing and again after it: an answer must not be kept under the name of another model than
    // the one that gave it.
    let fingerprint = function.isCached ? fingerprints[function.name] : nil
    let generation = Settings.shared.generation
    let host = CallHost(attempts: [attempt])
    var values = [Value](repeating: .null, count: request.rows.count)
    var kept: [AnswerWriter.Entry] = []
    var next = 0
    while next < request.rows.count {
      if attempt.isCancelled { throw attempt.cancellation ?? .cancelled }
      let slice = next..<min(next + Self.rowsAtOnce, request.rows.count)
      next = slice.upperBound
      let present = slice.filter { request.rows[$0] != nil }
      let results = evaluator.evaluate(function, present.compactMap { request.rows[$0] }, host: host)
      for (row, result) in zip(present, results) {
        let value = try result.get()
        values[row] = value
        if let fingerprint { keep(value, row, of: request, fingerprint.bytes, &kept) }
      }
      counters.add(answered: present.count)
    }
    if generation != Settings.shared.generation { fingerprints.waitUntilPublished() }
    guard fingerprint == fingerprints[function.name] else { return values }
    answers.store(kept)
    // What an array asked for is there for the next statement, so that it finds what ai_prefetch computed.
    if request.isArray, !kept.isEmpty { answers.flush() }
    return values
  }
}

/// The surroundings of calls that are computed together.
private struct CallHost: FunctionHost {
  let attempts: [CallAttempt]

  func prefetch(_ sql: String, budget: WorkBudget) throws(SibylError) -> String {
    throw SibylError(.unavailable, "call ai_prefetch in the database, not on the bridge's own port")
  }

  /// Calls that are computed together go on while one of them is wanted.
  var isCancelled: (() -> Bool)? {
    let attempts = attempts
    return { attempts.allSatisfy(\.isCancelled) }
  }
}
