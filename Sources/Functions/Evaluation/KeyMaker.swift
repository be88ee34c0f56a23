import Diagnostics
import Inference
import ModelFiles
import ResultCache
import Tensor

/// Names the answers of one function on one model: the same call, the same key, whichever way it came.
///
/// A key covers the function and its revision, the model's digest, the engine's revision and every argument
/// in the form in which the implementation sees it. The argument that names the model is left out: the
/// model's digest says it better, so `ai_embed(x)` and `ai_embed(x, 'minilm')` share an answer.
///
/// Owned by one thread at a time, like the call site that it belongs to.
final class KeyMaker {
  enum Answer {
    case key(CacheKey)
    /// A required argument is NULL, and so is the answer.
    case nullArgument
    /// Something is new or unusual here; take the long way.
    case unknown
  }

  /// A constant argument as it was given and as it goes into keys.
  private struct Constant {
    let given: Value
    let keyed: Value
  }

  let modelDigest: Digest
  /// The digest of the second model that the calls may ask.
  let furtherDigest: Digest?
  /// The classifier that the calls ask, whose digest is the fingerprint then.
  let classifier: Classifier?
  private var builder: CacheKeyBuilder
  /// One entry a parameter; nil for parameters whose arguments change from row to row.
  private var constants: [Constant?]
  private let made = ContinuousClock.now
  private let settings = Settings.shared.generation

  init(
    _ function: AIFunction, modelDigest: Digest, furtherDigest: Digest? = nil, fingerprint: String,
    classifier: Classifier? = nil
  ) throws(SibylError) {
    self.modelDigest = modelDigest
    self.furtherDigest = furtherDigest
    self.classifier = classifier
    var engine = "\(InferenceEngine.revision) \(try Precision.preferred().rawValue) \(fingerprint)"
    if let furtherDigest { engine += " \(furtherDigest.hexadecimal)" }
    builder = CacheKeyBuilder(
      prefix: CacheKeyPrefix(
        function: function.cacheName, revision: function.revision, model: modelDigest.hexadecimal,
        engine: engine))
    constants = Array(repeating: nil, count: function.parameters.count)
  }

  /// Whether the model may still be taken for the right one: models are looked at anew every second, and
  /// whenever a setting changed.
  var isFresh: Bool {
    settings == Settings.shared.generation && ContinuousClock.now - made < .seconds(1)
  }

  /// Remembers the arguments that are mostly the same for every row.
  func remember(constantsOf given: [Value], as arguments: Arguments, for function: AIFunction) {
    for (position, parameter) in function.parameters.enumerated() where parameter.isMostlyConstant {
      let value = position < given.count ? given[position] : .null
      if let known = constants[position], known.given.hasSameBytes(as: value) { continue }
      constants[position] = Constant(given: value, keyed: arguments[position])
    }
  }

  /// Whether the constants are those that are remembered.
  func knowsConstants(of arguments: UnsafeBufferPointer<RawArgument>, for function: AIFunction) -> Bool {
    for position in constants.indices where function.parameters[position].isMostlyConstant {
      let argument = position < arguments.count ? arguments[position] : .null
      guard let known = constants[position], known.given.hasSameBytes(as: argument) else { return false }
    }
    return true
  }

  /// The key of a checked call.
  func key(of arguments: Arguments, for function: AIFunction) -> CacheKey {
    for (value, parameter) in zip(arguments.values, function.parameters) where !parameter.namesModel {
      builder.append(value.cached)
    }
    return builder.finish()
  }

  /// The key of a function's call with one text and a model, as ai_embed is called.
  func key(ofText utf8: UnsafeRawBufferPointer) -> CacheKey {
    builder.append(text: utf8)
    return builder.finish()
  }

  /// The key of a call that was not checked: for arguments that need no conversion and constants that are
  /// known already.
  func key(of arguments: UnsafeBufferPointer<RawArgument>, for function: AIFunction) -> Answer {
    var outcome: Answer?
    for (position, parameter) in function.parameters.enumerated() {
      let argument = position < arguments.count ? arguments[position] : .null
      if parameter.isMostlyConstant {
        guard let known = constants[position], known.given.hasSameBytes(as: argument) else {
          outcome = .unknown
          break
        }
        if !parameter.namesModel { builder.append(known.keyed.cached) }
        continue
      }
      switch (parameter.type, argument) {
      case (.text, .text(let bytes)), (.textOrEmbedding, .text(let bytes)), (.scalar, .text(let bytes)):
        builder.append(text: bytes)
      case (.embedding, .blob(let bytes)):
        builder.append(blob: bytes)
      case (.integer, .integer(let number)), (.scalar, .integer(let number)):
        builder.append(number)
      case (.real, .real(let number)), (.scalar, .real(let number)):
        builder.append(number)
      case (_, .null):
        if let value = parameter.defaultValue {
          builder.append(value.cached)
        } else {
          outcome = .nullArgument
        }
      default:
        outcome = .unknown
      }
      if outcome != nil { break }
    }
    let key = builder.finish()
    return outcome ?? .key(key)
  }
}

extension AIFunction {
  /// Whether some arguments are mostly the same for every row.
  public var hasConstants: Bool { parameters.contains(where: \.isMostlyConstant) }
}

extension Parameter {
  /// Whether a query gives the same argument for every row, as a rule: labels, options, a model's name.
  var isMostlyConstant: Bool { type == .json || namesModel }
}

extension Value {
  /// Whether both are the same value byte for byte; Swift's strings are also equal where two spellings of a
  /// character differ.
  func hasSameBytes(as other: Value) -> Bool {
    switch (self, other) {
    case (.text(let a), .text(let b)): a.utf8.count == b.utf8.count && a.utf8.elementsEqual(b.utf8)
    default: self == other
    }
  }

  /// The same, against bytes that the database holds.
  func hasSameBytes(as other: RawArgument) -> Bool {
    switch (self, other) {
    case (.null, .null): return true
    case (.integer(let a), .integer(let b)): return a == b
    case (.real(let a), .real(let b)): return a == b
    case (.text(var text), .text(let bytes)):
      return text.withUTF8 { $0.count == bytes.count && $0.elementsEqual(bytes) }
    default: return false
    }
  }
}
