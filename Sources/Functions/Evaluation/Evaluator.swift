import Diagnostics
import ModelFiles
import ResultCache

/// Answers calls: from the result cache where it can, otherwise by computing all missing ones in one batch.
///
/// Safe to use from any thread. The way of a call: a `CallSite` checks its arguments and names its answer
/// (`PreparedCall`), the result cache is asked, what it lacks is grouped by model and handed to the
/// function's implementation, and what comes back is stored.
public final class Evaluator: Sendable {
  public static let shared = Evaluator(cache: .shared)

  let cache: ResultCache

  public init(cache: ResultCache) { self.cache = cache }

  /// Answers a batch of calls, in order.
  public func evaluate(
    _ function: AIFunction, _ calls: [[Value]], host: any FunctionHost = NoHost()
  ) -> [Result<Value, SibylError>] {
    CallSite(function, evaluator: self).answers(calls, host: host)
  }

  /// Rows of a table-valued function; none where a required argument is NULL.
  public func rows(
    of table: AITable, _ arguments: [Value], host: any FunctionHost = NoHost()
  ) throws(SibylError) -> [AITable.Row] {
    var binder = ArgumentBinder(table)
    guard let bound = try binder.bind(arguments) else { return [] }
    do throws(SibylError) {
      let model = try ModelSelection.model(for: table.model.choice(bound))
      return try table.implementation(
        CallContext(entry: table, host: host, model: model, evaluator: self), bound)
    } catch {
      throw error.told(by: table.name)
    }
  }

  // MARK: - One floor below

  /// Lets the function look at calls that are about to be computed, where it has something to learn from them.
  func prepare(
    _ function: AIFunction, _ calls: [PreparedCall], host: any FunctionHost
  ) throws(SibylError) {
    guard let prepare = function.prepare, calls.count > 1 else { return }
    do throws(SibylError) {
      for group in Dictionary(grouping: calls, by: BatchGroup.init).values {
        let context = CallContext(
          entry: function, host: host, model: group.first?.model, classifier: group.first?.classifier,
          evaluator: self)
        try prepare(context, group.map(\.arguments))
      }
    } catch {
      throw error.told(by: function.name)
    }
  }

  /// Answers prepared calls: cached ones from the cache, the others computed once each.
  func answer(
    _ function: AIFunction, _ calls: [PreparedCall], host: any FunctionHost
  ) -> [Result<Value, SibylError>] {
    guard !calls.isEmpty else { return [] }
    let keys = calls.compactMap(\.key)
    guard !keys.isEmpty else {
      return zip(calls, compute(function, calls, host: host)).map {
        $1.map(function.finish).nullWhilePassing($0.arguments.answersNullOnError)
      }
    }
    guard keys.count == calls.count else {
      // Some of the calls need no model, and so no cache: each kind for itself.
      return merge(calls, by: { $0.key != nil }) { answer(function, $0, host: host) }
    }
    do throws(SibylError) {
      let answers = try cache.resolve(keys, isCancelled: host.isCancelled) { missing throws(SibylError) in
        compute(function, missing.map { calls[$0] }, host: host).map { $0.map(\.cached) }
      }
      return zip(calls, answers).map {
        $1.map { function.finish(Value($0)) }.nullWhilePassing($0.arguments.answersNullOnError)
      }
    } catch {
      return Array(repeating: .failure(error.told(by: function.name)), count: calls.count)
    }
  }

  /// Computes one call, whatever the cache holds; unfinished, as the cache keeps it.
  func compute(
    _ function: AIFunction, _ call: PreparedCall, host: any FunctionHost
  ) throws(SibylError) -> Value {
    try computeGroup(function, [call], host: host)[0].get()
  }

  /// Computes calls, whatever the cache holds; unfinished, as the cache keeps them.
  private func compute(
    _ function: AIFunction, _ calls: [PreparedCall], host: any FunctionHost
  ) -> [Result<Value, SibylError>] {
    if calls.count == 1 { return computeGroup(function, calls, host: host) }
    return merge(calls, by: BatchGroup.init) { computeGroup(function, $0, host: host) }
  }

  /// Answers each group of calls for itself, and puts the answers back into the calls' order.
  private func merge<Group: Hashable>(
    _ calls: [PreparedCall], by group: (PreparedCall) -> Group,
    answer: ([PreparedCall]) -> [Result<Value, SibylError>]
  ) -> [Result<Value, SibylError>] {
    let groups = Dictionary(grouping: calls.indices) { group(calls[$0]) }
    if groups.count == 1 { return answer(calls) }
    var results = [Result<Value, SibylError>](repeating: .success(.null), count: calls.count)
    for positions in groups.values {
      for (position, result) in zip(positions, answer(positions.map { calls[$0] })) {
        results[position] = result
      }
    }
    return results
  }

  /// Computes calls that share the model and the JSON arguments.
  private func computeGroup(
    _ function: AIFunction, _ calls: [PreparedCall], host: any FunctionHost
  ) -> [Result<Value, SibylError>] {
    let context = CallContext(
      entry: function, host: host, model: calls.first?.model, classifier: calls.first?.classifier,
      evaluator: self)
    do throws(SibylError) {
      let results = try function.implementation(context, calls.map(\.arguments))
      guard results.count == calls.count else {
        throw SibylError(
          .internalFault, "answered \(results.count) of \(calls.count) calls; please report this defect")
      }
      return results.map { $0.mapError { $0.told(by: function.name) } }
    } catch {
      return Array(repeating: .failure(error.told(by: function.name)), count: calls.count)
    }
  }

  /// What calls must share to be computed together.
  private struct BatchGroup: Hashable {
    let model: Digest?
    let further: Digest?
    let classifier: String?
    let constants: [[UInt8]]

    init(_ call: PreparedCall) {
      model = call.model?.digest
      further = call.further?.digest
      classifier = call.classifier?.digest
      // Bytes, because Swift's strings are equal across Unicode spellings and labels are not.
      constants = call.arguments.constants.map { Array($0.utf8) }
    }
  }
}

extension SibylError {
  /// The error with the function's name in front, where it does not stand there already.
  func told(by name: String) -> SibylError {
    message.hasPrefix(name + ": ") ? self : prefixed(by: name)
  }
}
