import Diagnostics
import JSON

/// The options of `ai_summarize` and `ai_summarize_agg`.
struct SummaryOptions: Sendable {
  enum Method: String, CaseIterable {
    /// A decoder writes the summary in its own words.
    case abstractive
    /// The encoder chooses sentences of the text.
    case extractive
  }

  var method = Method.abstractive
  /// The most words of the summary, where they are an option.
  var maximumWords: Int?
  var writing = WritingOptions()

  /// As many words as a summary may be asked for.
  static let words = 1...10_000

  init() {}

  /// - Parameter takesWords: whether the number of words is an option, and not an argument of its own.
  /// - Throws: what is wrong with it, as it is told after the argument's name.
  init(_ json: JSON, takesWords: Bool = false) throws(SibylError) {
    let names = takesWords ? ["method", "max_words"] : ["method"]
    let members = try OptionMembers(json, names: names + WritingOptions.names)
    writing = try WritingOptions(members)
    if let value = members["method"] {
      guard let found = value.stringValue.flatMap(Method.init(rawValue:)) else {
        throw OptionMembers.fault("method", "\"abstractive\" or \"extractive\"", value)
      }
      method = found
    }
    maximumWords = try members.integer("max_words", in: Self.words)
  }

  /// The model that the options at a position name, or else the default one for the method.
  static func model(options position: Int) -> ModelUse {
    ModelUse { call in
      let options = call.decoded(position, as: SummaryOptions.self) ?? SummaryOptions()
      if let name = options.writing.model { return .named(name) }
      return options.method == .extractive ? .embeddingDefault : .generationDefault
    }
  }
}
