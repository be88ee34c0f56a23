import Diagnostics
import Inference
import Tokenization

/// Counts the tokens that a model reads of calls' texts. An argument that is the same as in the call before, such as a
/// condition or a language, is read once for all rows and counts nothing; what a function adds to each text (a template,
/// an instruction) is not counted.
///
/// Owned by one thread at a time.
final class TokenCounter {
  private let textPositions: [Int]
  private let count: (String) -> Int
  private var last: [Value] = []

  /// Loads the model; nil where it can't be, which the calls themselves will tell.
  init?(_ function: AIFunction, _ model: SelectedModel) {
    textPositions = function.parameters.indices.filter { position in
      let parameter = function.parameters[position]
      return parameter.decode == nil && !parameter.namesModel
    }
    let engine = InferenceEngine.shared
    switch model.installed.manifest.kind {
    case .encoder:
      guard !model.installed.isRemote else {
        count = EstimatedTokens().tokenCount
        return
      }
      guard let tokenizer = try? engine.tokenizer(for: model.installed) else { return nil }
      count = { tokenizer.tokenCount($0) }
    case .decoder:
      guard !model.installed.isRemote else {
        count = EstimatedTokens().tokenCount
        return
      }
      guard let generator = try? engine.generator(for: model.installed) else { return nil }
      count = { generator.tokenizer.encode($0).count }
    }
  }

  func tokens(of call: PreparedCall) -> Int {
    let values = call.arguments.values
    defer { last = values }
    return textPositions.reduce(0) { sum, position in
      let value = call.arguments[position]
      if position > 0, last.indices.contains(position), last[position] == value { return sum }
      switch value {
      case .text(let text): return sum + count(text)
      // The texts of a group; an embedding is read by nobody.
      case .blob: return sum + call.arguments.texts(position).reduce(0) { $0 + count($1) }
      default: return sum
      }
    }
  }
}
