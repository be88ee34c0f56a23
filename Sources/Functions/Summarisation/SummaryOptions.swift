import Diagnostics
import JSON

/// The options of an `ai_summarize` call.
struct SummaryOptions: Sendable {
  enum Method: String, CaseIterable {
    /// A decoder writes the summary in its own words.
    case abstractive
    /// The encoder chooses sentences of the text.
    case extractive
  }

  var method = Method.abstractive
  var writing = WritingOptions()

  init() {}

  /// - Throws: what is wrong with it, as it is told after the argument's name.
  init(_ json: JSON) throws(SibylError) {
    var method = Method.abstractive
    writing = try WritingOptions(json, others: ["method"]) { (key, value) throws(SibylError) in
      guard let found = value.stringValue.flatMap(Method.init(rawValue:)) else {
        throw WritingOptions.fault(key, "\"abstractive\" or \"extractive\"", value)
      }
      method = found
    }
    self.method = method
  }
}
