import Diagnostics
import JSON
import Sampling

/// The options that every function takes that writes: the model, and how its answers are made.
struct WritingOptions: Sendable {
  /// The decoder's name; nil for the default one.
  var model: String?
  /// The most tokens of an answer; nil for what the function finds enough.
  var maximumTokens: Int?
  var sampling = SamplingOptions.greedy
  /// Texts before which an answer ends.
  var stops: [String] = []
  /// What the model is told about itself before the conversation begins.
  var system: String?
  /// The family of the model's chat template, where its file does not say.
  var chatTemplate: String?
  /// Whether a call that can't be answered is NULL instead of an error.
  var answersNullOnError = false

  static let expected = "a JSON object of options"
  static let keys = [
    "model", "max_tokens", "temperature", "top_p", "seed", "stop", "system", "chat_template", "on_error",
  ]

  /// What the reference says about these options.
  static let documentation = """
    options is a JSON object: "max_tokens" (the most that is written), "temperature" (0, the default, always takes the \
    most probable token; up to 2 draws ever more freely), "top_p" and "seed" (the same seed, the same answer), "stop" \
    (texts before which an answer ends), "system" (what the model is told about its part), "model" (a decoder's name; \
    by default the one that ai_config('generation_model') names), "chat_template", "on_error": "null" (a row that \
    can't be answered is NULL instead of an error).
    """

  init() {}

  /// Reads the argument.
  ///
  /// - Parameters:
  ///   - others: options of the function's own, which `read` takes.
  /// - Throws: what is wrong with it, as it is told after the argument's name.
  init(
    _ json: JSON, others: [String] = [],
    read: (_ key: String, _ value: JSON) throws(SibylError) -> Void = { (_, _) throws(SibylError) in }
  ) throws(SibylError) {
    guard case .object(let members) = json else {
      throw SibylError(.invalidArgument, "must be \(Self.expected); got \(json.typeDescription)")
    }
    if let key = members.duplicateKeys.first {
      throw SibylError(.invalidArgument, "has the option \"\(key)\" twice")
    }
    var temperature = 0.0
    var topP = 1.0
    var seed: UInt64 = 0
    for (key, value) in members {
      switch key {
      case _ where others.contains(key): try read(key, value)
      case "model": model = try Self.text(value, key, "a model's name")
      case "max_tokens": maximumTokens = try Self.integer(value, key, in: 1...32_768)
      case "temperature": temperature = try Self.number(value, key)
      case "top_p": topP = try Self.number(value, key)
      case "seed":
        guard let number = value.integerValue else { throw Self.fault(key, "a whole number", value) }
        seed = UInt64(bitPattern: Int64(number))
      case "stop": stops = try Self.texts(value, key)
      case "system": system = try Self.text(value, key, "text")
      case "chat_template": chatTemplate = try Self.text(value, key, "a family's name")
      case "on_error":
        switch value.stringValue {
        case "raise"?: answersNullOnError = false
        case "null"?: answersNullOnError = true
        default: throw Self.fault(key, "\"raise\" or \"null\"", value)
        }
      default:
        throw SibylError(
          .invalidArgument,
          "has the unknown option \"\(key)\"; the options are "
            + (others + Self.keys).joined(separator: ", "))
      }
    }
    sampling = try SamplingOptions(temperature: temperature, topP: topP, seed: seed)
    _ = try StopCondition(maximumTokens: maximumTokens ?? 1, stops: stops)
  }

  static func text(_ value: JSON, _ key: String, _ expected: String) throws(SibylError) -> String {
    guard let text = value.stringValue, !text.isBlank else { throw fault(key, expected, value) }
    return text
  }

  static func integer(_ value: JSON, _ key: String, in range: ClosedRange<Int>) throws(SibylError) -> Int {
    guard let number = value.integerValue, range.contains(number) else {
      throw fault(key, "a whole number from \(range.lowerBound) to \(range.upperBound)", value)
    }
    return number
  }

  static func number(_ value: JSON, _ key: String) throws(SibylError) -> Double {
    guard let number = value.numberValue else { throw fault(key, "a number", value) }
    return number
  }

  private static func texts(_ value: JSON, _ key: String) throws(SibylError) -> [String] {
    if let text = value.stringValue { return [text] }
    guard let elements = value.arrayValue else { throw fault(key, "a text or an array of texts", value) }
    var texts: [String] = []
    for element in elements {
      guard let text = element.stringValue else { throw fault(key, "a text or an array of texts", value) }
      texts.append(text)
    }
    return texts
  }

  static func fault(_ key: String, _ expected: String, _ found: JSON) -> SibylError {
    let text = found.serialized()
    let shown = text.utf8.count <= 40 ? text : found.typeDescription
    return SibylError(.invalidArgument, "must have \(expected) as \(key); got \(shown)")
  }
}

extension Parameter {
  /// The trailing options of a function that writes and has none of its own.
  static let writingOptions = Parameter.json(
    "options", "Options, see above.", default: .null, expected: WritingOptions.expected
  ) { json throws(SibylError) in try WritingOptions(json) }
}

extension ModelUse {
  /// The decoder that the options at a position name, or else the default one.
  static func generation(options position: Int) -> ModelUse {
    ModelUse { call in
      call.decoded(position, as: WritingOptions.self)?.model.map(Choice.named) ?? .generationDefault
    }
  }
}
