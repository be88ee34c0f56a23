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

  func evaluate(_ attempt: CallAttempt) -> CallAttempt.Outcome {
    do {
      switch attempt.request.target {
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

  private func rows(of table: AITable, _ attempt: CallAttempt) throws -> [AITable.Row] {
    guard let arguments = attempt.request.rows.first, let arguments else { return [] }
    return try evaluator.rows(of: table, arguments, host: CallHost(attempt: attempt))
  }

  private func values(of function: AIFunction, _ attempt: CallAttempt) throws -> [Value] {
    let request = attempt.request
    // Taken before computing: an answer must not be kept under the name of a model that came meanwhile.
    let fingerprint = function.isCached ? fingerprints[function.name] : nil
    let host = CallHost(attempt: attempt)
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
        if let fingerprint, row < request.keyArguments.count, let arguments = request.keyArguments[row] {
          kept.append(
            AnswerWriter.Entry(
              key: PostgresCacheKey.key(fingerprint: fingerprint, arguments: arguments),
              answer: Answer.text(value)))
        }
      }
      counters.add(computed: present.count)
    }
    answers.store(kept)
    // What an array asked for is there for the next statement, so that it finds what ai_prefetch computed.
    if request.isArray, !kept.isEmpty { answers.flush() }
    return values
  }
}

/// A call's surroundings.
private struct CallHost: FunctionHost {
  let attempt: CallAttempt

  func prefetch(_ sql: String) throws(SibylError) -> String {
    throw SibylError(.unavailable, "call ai_prefetch in the database, not on the bridge's own port")
  }

  var isCancelled: (@Sendable () -> Bool)? {
    let attempt = attempt
    return { attempt.isCancelled }
  }
}
