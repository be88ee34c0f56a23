import Diagnostics
import Inference
import ModelFiles
import ResultCache

/// One place from which a function is called, over and over, with mostly the same constants: a function on a
/// database connection.
///
/// It exists for speed. Checking a call, decoding its labels and naming its answer happens in full when
/// something is new. While the constant arguments stay the same, the changing ones are hashed where they lie
/// and the cache is asked, without copying anything.
///
/// Owned by one thread at a time.
public final class CallSite {
  public let function: AIFunction
  let evaluator: Evaluator
  private var binder: ArgumentBinder
  private var keyMaker: KeyMaker?

  public init(_ function: AIFunction, evaluator: Evaluator = .shared) {
    self.function = function
    self.evaluator = evaluator
    binder = ArgumentBinder(function)
  }

  /// Whether the last call had the same constants, so that this one is a quick one here.
  public func knowsConstants(of arguments: UnsafeBufferPointer<RawArgument>) -> Bool {
    keyMaker?.knowsConstants(of: arguments, for: function) ?? false
  }

  /// Answers one call.
  public func answer(_ values: [Value], host: any FunctionHost = NoHost()) throws(SibylError) -> Value {
    guard let call = try prepare(values, host: host) else { return .null }
    return try evaluator.answer(function, [call], host: host)[0].get()
  }

  /// Answers a batch of calls, in order.
  public func answers(
    _ calls: [[Value]], host: any FunctionHost = NoHost()
  ) -> [Result<Value, SibylError>] {
    var results = [Result<Value, SibylError>](repeating: .success(.null), count: calls.count)
    var prepared: [PreparedCall] = []
    var positions: [Int] = []
    for (position, call) in calls.enumerated() {
      do throws(SibylError) {
        guard let call = try prepare(call, host: host) else { continue }
        prepared.append(call)
        positions.append(position)
      } catch {
        results[position] = .failure(error)
      }
    }
    do throws(SibylError) {
      try evaluator.prepare(function, prepared, host: host)
    } catch {
      for position in positions { results[position] = .failure(error) }
      return results
    }
    for (position, result) in zip(positions, evaluator.answer(function, prepared, host: host)) {
      results[position] = result
    }
    return results
  }

  /// Answers one call whose arguments the database still holds: they are copied only if the answer is not in
  /// the cache, or if something about the call is new.
  public func answer(
    _ arguments: UnsafeBufferPointer<RawArgument>, host: any FunctionHost
  ) throws(SibylError) -> Value {
    guard let keyMaker, isFresh(keyMaker, host) else {
      return try answer(copies(of: arguments), host: host)
    }
    switch keyMaker.key(of: arguments, for: function) {
    case .unknown:
      return try answer(copies(of: arguments), host: host)
    case .nullArgument:
      return .null
    case .key(let key):
      var isTolerant = false
      do throws(SibylError) {
        let answer = try evaluator.cache.resolve(key) { () throws(SibylError) in
          guard let call = try prepare(copies(of: arguments), host: host) else { return .null }
          isTolerant = call.arguments.answersNullOnError
          return try evaluator.compute(function, call, host: host).cached
        }
        return function.finish(Value(answer))
      } catch {
        guard isTolerant, error.isPassing else { throw error }
        return .null
      }
    }
  }

  /// What names the answer of a call that is like the last one, or nil: then the call must be prepared.
  func key(of arguments: UnsafeBufferPointer<RawArgument>, host: any FunctionHost) -> CacheKey? {
    guard let keyMaker, isFresh(keyMaker, host) else { return nil }
    guard case .key(let key) = keyMaker.key(of: arguments, for: function) else { return nil }
    return key
  }

  /// Copies a call's arguments.
  /// - Throws: `invalidArgument` where text is not UTF-8.
  public func copies(of arguments: UnsafeBufferPointer<RawArgument>) throws(SibylError) -> [Value] {
    var values: [Value] = []
    values.reserveCapacity(arguments.count)
    for (position, argument) in arguments.enumerated() {
      values.append(try argument.copied(as: position, of: function))
    }
    return values
  }

  /// Checks a call, finds its model and names its answer; nil where a required argument is NULL, and so is
  /// the answer.
  func prepare(_ values: [Value], host: any FunctionHost) throws(SibylError) -> PreparedCall? {
    guard let arguments = try binder.bind(values) else { return nil }
    do throws(SibylError) {
      let classifier = try function.model.classifierPosition.map { (position) throws(SibylError) in
        try host.requireClassifiers().classifier(named: arguments.text(position))
      }
      let model: SelectedModel? =
        if let classifier { try classifier.encoder() } else {
          try ModelSelection.model(for: function.model.choice(arguments))
        }
      if let model { try ServerPolicy.check(model, host) }
      // What takes no model is computed faster than it is looked up.
      guard function.isCached, let model else {
        return PreparedCall(arguments: arguments, model: model, key: nil)
      }
      let further = try function.model.further(arguments).map { (name) throws(SibylError) in
        try ModelSelection.model(named: name)
      }
      let keyMaker = try keyMaker(for: model, further, classifier)
      keyMaker.remember(constantsOf: values, as: arguments, for: function)
      return PreparedCall(
        arguments: arguments, model: model, further: further, classifier: classifier,
        key: keyMaker.key(of: arguments, for: function))
    } catch {
      throw error.told(by: function.name)
    }
  }

  /// Whether the next call may be named as the last one was.
  private func isFresh(_ keyMaker: KeyMaker, _ host: any FunctionHost) -> Bool {
    guard keyMaker.isFresh else { return false }
    guard let classifier = keyMaker.classifier else { return true }
    return host.classifiers?.isCurrent(classifier) == true
  }

  private func keyMaker(
    for model: SelectedModel, _ further: SelectedModel?, _ classifier: Classifier?
  ) throws(SibylError) -> KeyMaker {
    if let keyMaker, keyMaker.isFresh, keyMaker.modelDigest == model.digest,
      keyMaker.furtherDigest == further?.digest, keyMaker.classifier === classifier
    {
      return keyMaker
    }
    let fingerprint = if let classifier { classifier.digest } else { try function.fingerprint() }
    let made = try KeyMaker(
      function, modelDigest: model.digest, furtherDigest: further?.digest, fingerprint: fingerprint,
      classifier: classifier)
    keyMaker = made
    return made
  }
}
