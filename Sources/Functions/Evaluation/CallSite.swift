import Diagnostics
import Inference
import ModelFiles
import ResultCache

/// One place from which a function is called, over and over, with mostly the same constants: a function on a
/// database connection.
///
/// It exists for speed. Checking a call, decoding its labels and naming its answer happens in full when
/// something is new (`prepare`). While the constant arguments stay the same, `cachedAnswer` hashes the
/// changing ones where they lie and asks the cache, without copying anything.
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

  /// Answers one call.
  public func evaluate(_ values: [Value], host: any FunctionHost = NoHost()) throws(SibylError) -> Value {
    guard let call = try prepare(values) else { return .null }
    return try evaluator.answer(function, [call], host: host)[0].get()
  }

  /// The answer, if it can be told without computing and without looking closely: nil says nothing but
  /// "call `evaluate`".
  public func cachedAnswer(_ arguments: UnsafeBufferPointer<RawArgument>) -> Value? {
    guard let keyMaker, keyMaker.isFresh else { return nil }
    switch keyMaker.key(of: arguments, for: function) {
    case .key(let key): return evaluator.cache.lookup(key).map(Value.init)
    case .nullArgument: return .null
    case .unknown: return nil
    }
  }

  /// Checks a call, finds its model and names its answer; nil where a required argument is NULL, and so is
  /// the answer.
  func prepare(_ values: [Value]) throws(SibylError) -> PreparedCall? {
    guard let arguments = try binder.bind(values) else { return nil }
    do throws(SibylError) {
      let model = try ModelSelection.model(for: function.model.choice(arguments))
      guard function.isCached else { return PreparedCall(arguments: arguments, model: model, key: nil) }
      let keyMaker = try keyMaker(for: model)
      keyMaker.remember(constantsOf: values, as: arguments, for: function)
      return PreparedCall(
        arguments: arguments, model: model, key: keyMaker.key(of: arguments, for: function))
    } catch {
      throw error.told(by: function.name)
    }
  }

  private func keyMaker(for model: InstalledModel?) throws(SibylError) -> KeyMaker {
    if let keyMaker, keyMaker.isFresh, keyMaker.modelDigest == model?.digest { return keyMaker }
    let made = KeyMaker(function, modelDigest: model?.digest, fingerprint: try function.fingerprint())
    keyMaker = made
    return made
  }
}
