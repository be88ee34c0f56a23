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
  private let sites: CallSites
  private let fingerprints: Fingerprints
  private let answers: AnswerWriter
  private let counters: BridgeCounters

  init(evaluator: Evaluator, fingerprints: Fingerprints, answers: AnswerWriter, counters: BridgeCounters) {
    self.evaluator = evaluator
    sites = CallSites(evaluator)
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
    let calls = wanted.map { $0.request.rows.first.flatMap { $0 } ?? [] }
    let results = sites.answers(of: function, calls, host: CallHost(attempts: wanted))
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
      case .function(let function) where function.session != nil:
        return .success(try stored(of: function, attempt))
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

  /// A call that is about more of the database than its arguments.
  private func stored(of function: AIFunction, _ attempt: CallAttempt) throws -> CallOutcome {
    let host = CallHost(attempts: [attempt])
    let results = sites.answers(of: function, attempt.request.rows.compactMap { $0 }, host: host)
    counters.add(answered: results.count)
    return .stored(try results.first?.get() ?? .null, results: host.results)
  }

  /// Answers some rows of a request: as corrected where the right label was told, by computing the others.
  private func answers(
    of function: AIFunction, _ request: CallRequest, _ rows: [Int], host: CallHost
  ) -> [Result<Value, SibylError>] {
    let calls = rows.map { request.rows[$0] ?? [] }
    var answers = [Result<Value, SibylError>?](repeating: nil, count: rows.count)
    for (position, row) in rows.enumerated() {
      guard let label = request.surroundings.correctedLabel(row) else { continue }
      do throws(SibylError) {
        answers[position] = try function.corrected(calls[position], to: label, host: host).map {
          .success($0)
        }
      } catch {
        answers[position] = .failure(error)
      }
    }
    let open = answers.indices.filter { answers[$0] == nil }
    for (position, answer) in zip(open, sites.answers(of: function, open.map { calls[$0] }, host: host)) {
      answers[position] = answer
    }
    return answers.map { $0 ?? .success(.null) }
  }

  private func results(
    of function: AIFunction, _ attempt: CallAttempt
  ) throws -> [Result<Value, SibylError>] {
    let count = attempt.request.rows.count
    let host = CallHost(attempts: [attempt])
    var results: [Result<Value, SibylError>] = []
    while results.count < count {
      if attempt.isCancelled { throw attempt.cancellation ?? .cancelled }
      let slice = results.count..<min(results.count + Self.rowsAtOnce, count)
      results += answers(of: function, attempt.request, Array(slice), host: host)
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
      let results = answers(of: function, request, present, host: host)
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
