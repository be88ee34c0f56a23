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

  static let names = [
    "model", "max_tokens", "temperature", "top_p", "seed", "stop", "system", "chat_template", "on_error",
  ]

  /// What the reference says about these options.
  static let documentation = """
    options is a JSON object: "max_tokens" (the most that is written), "temperature" (0, the default, always takes the \
    most probable token; up to 2 draws ever more freely), "top_p" and "seed" (the same seed, the same answer), "stop" \
    (texts before which an answer ends), "system" (what the model is told about its part), "model" (the name of a \
    decoder or of a model on a server; by default the one that ai_config('generation_model') names), "chat_template", "on_error": "null" (a row that \
    can't be answered is NULL instead of an error).
    """

  init() {}

  /// - Throws: what is wrong with the argument, as it is told after its name.
  init(_ json: JSON) throws(SibylError) {
    try self.init(OptionMembers(json, names: Self.names))
  }

  /// The same, among options of a function's own.
  init(_ members: OptionMembers) throws(SibylError) {
    model = try members.text("model", "a model's name")
    maximumTokens = try members.integer("max_tokens", in: 1...32_768)
    stops = try members.texts("stop") ?? []
    system = try members.text("system", "text")
    chatTemplate = try members.text("chat_template", "a family's name")
    answersNullOnError = try members.answersNullOnError() ?? false
    var seed: UInt64 = 0
    if let value = members["seed"] {
      guard let number = value.integerValue else {
        throw OptionMembers.fault("seed", "a whole number", value)
      }
      seed = UInt64(bitPattern: Int64(number))
    }
    sampling = try SamplingOptions(
      temperature: try members.number("temperature") ?? 0, topP: try members.number("top_p") ?? 1, seed: seed)
    _ = try StopCondition(maximumTokens: maximumTokens ?? 1, stops: stops)
  }
}

extension Parameter {
  /// The trailing options of a function that writes and has none of its own.
  static let writingOptions = Parameter.options { json throws(SibylError) in try WritingOptions(json) }
}

extension ModelUse {
  /// The decoder that the options at a position name, or else the default one.
  static func generation(options position: Int) -> ModelUse {
    ModelUse { call in
      call.decoded(position, as: WritingOptions.self)?.model.map(Choice.named) ?? .generationDefault
    }
  }
}
