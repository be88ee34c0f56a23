import Diagnostics
import Functions
import PostgresClient
import PostgresWire
import Threads

/// Computes leased work: reads its rows, has the pool compute them beside the calls that it serves, and gathers answers
/// and failures.
///
/// Owned by one thread.
struct WorkComputation {
  let active: ActiveWork
  let reader: WorkReader
  let surroundings: WorkSurroundings
  let pool: CallPool

  private var work: LeasedWork { active.work }

  func outcome() throws(WorkFault) -> WorkOutcome {
    guard let function = Catalogue.function(named: work.function) else {
      throw .worker("this version of Sibyl has no function \(work.function)")
    }
    var outcome = WorkOutcome()
    var parts = [work.keys]
    while let keys = parts.popLast() {
      guard active.isWanted else { throw .unwanted }
      let rows: [WorkReader.Row]
      let isComplete: Bool
      do throws(PostgresError) {
        (rows, isComplete) = try reader.read(work, keys: keys)
      } catch {
        if let fault = WorkFault(error, isLost: reader.connection.isLost) { throw fault }
        // A row is to blame: it is found by halves.
        guard keys.count > 1 else {
          if let key = keys.first { outcome.fail(key, error.error.message) }
          continue
        }
        parts.append(Array(keys[(keys.count / 2)...]))
        parts.append(Array(keys[..<(keys.count / 2)]))
        continue
      }
      try compute(function, rows, &outcome)
      if !isComplete {
        let done = Set(rows.map(\.key))
        parts.append(keys.filter { !done.contains($0) })
      }
    }
    return outcome
  }

  private func compute(
    _ function: AIFunction, _ rows: [WorkReader.Row], _ outcome: inout WorkOutcome
  ) throws(WorkFault) {
    var keys: [String] = []
    var calls: [[Value]] = []
    for row in rows {
      do throws(WireError) {
        calls.append(try CallRequest.arguments(row.arguments, types: work.argumentTypes, of: function))
        keys.append(row.key)
      } catch {
        outcome.fail(row.key, error.message)
      }
    }
    guard let first = calls.first else { return }
    let found = try surroundings.read(function, calls)
    if outcome.model == nil { outcome.model = function.modelIdentity(of: first, asking: found.classifiers) }
    if let known = work.model, let found = outcome.model, known != found {
      throw .worker(
        "\(function.name) runs on another model, or another version of it, here than where the other rows were answered: "
          + "use the same one, or go on with this one by sibyl.resume_job or sibyl.refresh_column")
    }
    for (key, result) in zip(keys, try results(CallRequest(function, rows: calls, found))) {
      switch result {
      case .success(let value):
        let answer = Answer.text(value)
        if answer?.utf8.contains(0) == true {
          outcome.fail(
            key, "\(function.name): the answer holds a NUL character, which PostgreSQL's text can't hold")
        } else {
          outcome.answer(key, answer)
        }
      case .failure(let error):
        if let fault = WorkFault(error) { throw fault }
        outcome.fail(key, error.message)
      }
    }
  }

  private func results(_ request: CallRequest) throws(WorkFault) -> [Result<Value, SibylError>] {
    // A job may take as long as it takes.
    let attempt = CallAttempt(request, deadline: .max)
    active.compute(attempt)
    let outcome = Monitor<CallAttempt.Outcome?>(nil)
    do throws(WireError) {
      try pool.submit(attempt)
    } catch {
      throw .worker(error.message)
    }
    attempt.whenFinished { found in outcome.signal { $0 = found } }
    switch outcome.wait(until: { $0 }) {
    case .success(.results(let results)): return results
    case .success: throw .worker("the pool answered something else; please report this defect")
    case .failure(let error):
      if attempt.isCancelled { throw .unwanted }
      throw .worker(error.message)
    }
  }
}
