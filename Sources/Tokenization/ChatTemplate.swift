import Diagnostics

/// How a model was taught to read a conversation: where control tokens stand, and what is written between.
///
/// Model files carry their template as a program (Jinja, `tokenizer.chat_template`). Sibyl does not run it: it
/// recognises the families below by what they write, and writes the same. Where no message of the system comes
/// first, some templates put in one of their own (SmolLM2: "You are a helpful AI assistant named SmolLM,
/// trained by Hugging Face"); so does Sibyl, with the words that the template has.
public struct ChatTemplate: Hashable, Sendable {
  /// The names that the option `chat_template` takes.
  public enum Family: String, Hashable, Sendable, CaseIterable {
    /// `<|im_start|>user⏎…<|im_end|>⏎`: SmolLM2, Qwen2, Qwen2.5, Qwen3.
    case chatML = "chatml"
    /// `<|start_header_id|>user<|end_header_id|>⏎⏎…<|eot_id|>`: Llama 3.
    case llama3
    /// `<s>[INST] <<SYS>>⏎…⏎<</SYS>>⏎⏎… [/INST]`: Llama 2.
    case llama2
    /// `<|user|>⏎…</s>⏎`: Zephyr, TinyLlama.
    case zephyr
    /// Nothing but the contents, for models that were not taught any conversation.
    case plain
  }

  public let family: Family
  /// The message of the system where none is given; nil for none.
  public private(set) var defaultSystemMessage: String?
  /// ChatML: what is written at the beginning of the model's answer.
  private(set) var answerPrefix = ""
  /// ChatML: whether the model thinks aloud before it answers, unless it finds empty thoughts (Qwen3).
  public private(set) var canSkipThinking = false
  /// Whether contents lose the white space around them.
  private(set) var trimsContents = false
  /// Llama 3.1 to 3.3: whether the system's message begins with two dates, in every conversation.
  private(set) var statesDates = false
  /// Whether a conversation begins with the beginning token whether or not the tokenizer asks for it.
  private(set) var beginsWithToken = false

  /// A family's template as most models of it have it.
  public init(_ family: Family) {
    self.family = family
    trimsContents = family == .llama3
    beginsWithToken = family == .llama3
  }

  /// The template that the option `chat_template` names.
  ///
  /// - Throws: `invalidArgument` where there is no such name.
  public init(named name: String) throws(SibylError) {
    guard let family = Family(rawValue: name) else {
      throw SibylError(
        .invalidArgument, "option \"chat_template\" must be one of \(Self.names), not \"\(name.prefix(40))\"")
    }
    self.init(family)
  }

  /// The template that a model file carries.
  ///
  /// - Parameters:
  ///   - program: the file's `tokenizer.chat_template`; nil where it has none.
  ///   - model: the model's name, for error messages.
  /// - Throws: `invalidArgument` where there is none, or none that Sibyl knows; the sentence names the option
  ///   that helps.
  public init(recognizing program: String?, model: String) throws(SibylError) {
    guard let program, !program.isEmpty else {
      throw SibylError(
        .invalidArgument,
        "the model \"\(model)\" says nothing about how to write a conversation; set the option "
          + "\"chat_template\" to the family it was trained for (one of \(Self.names))")
    }
    guard let family = Self.family(of: program) else {
      throw SibylError(
        .invalidArgument,
        "the chat template of the model \"\(model)\" is none that Sibyl knows; set the option "
          + "\"chat_template\" to the one that comes closest (one of \(Self.names))")
    }
    self.init(family)
    switch family {
    case .chatML:
      trimsContents = ["| trim", "|trim", ".strip()"].contains { program.contains($0) }
      beginsWithToken = program.contains("bos_token")
      canSkipThinking = Self.hasEmptyThoughts(program)
      defaultSystemMessage = Self.literal(in: program, after: "<|im_start|>system", before: "<|im_end|>")
      if !canSkipThinking, let ask = program.range(of: "add_generation_prompt") {
        let end = String(program[ask.upperBound...])
        answerPrefix = Self.literal(in: end, after: "<|im_start|>assistant", before: nil) ?? ""
      }
    case .llama3:
      statesDates = program.contains("Cutting Knowledge Date: December 2023")
    case .llama2, .zephyr, .plain: break
    }
  }

  private static let names = Family.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ", ")

  private static func family(of program: String) -> Family? {
    func has(_ parts: String...) -> Bool { parts.allSatisfy { program.contains($0) } }
    // Phi-4 and SmolVLM write ChatML's tokens in another order.
    if has("<|im_start|>", "<|im_end|>") {
      if has("<|im_sep|>") || has("<end_of_utterance>") { return nil }
      return has("enable_thinking") && !hasEmptyThoughts(program) ? nil : .chatML
    }
    if has("<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>") { return .llama3 }
    if has("[INST]", "<<SYS>>", "[/INST]") { return .llama2 }
    if has("<|user|>", "<|assistant|>", "eos_token"), !has("<|end|>") { return .zephyr }
    return nil
  }

  /// Whether the program can write empty thoughts, as Qwen3's does.
  private static func hasEmptyThoughts(_ program: String) -> Bool {
    let forms = ["<think>\\n\\n</think>\\n\\n", "<think>\n\n</think>\n\n"]
    return program.contains("enable_thinking") && forms.contains { program.contains($0) }
  }

  /// The first text that stands in the program as such, between a marker with a line break behind it and
  /// another marker, or the end of the literal.
  private static func literal(in program: String, after start: String, before end: String?) -> String? {
    var rest = Substring(program)
    while let found = rest.range(of: start) {
      rest = rest[found.upperBound...]
      var text = rest
      // The line break is written out, or as the program's literals write it.
      if text.hasPrefix("\n") {
        text = text.dropFirst()
      } else if text.hasPrefix("\\n") {
        text = text.dropFirst(2)
      } else {
        continue
      }
      guard let quote = text.firstIndex(where: { $0 == "'" || $0 == "\"" }) else { continue }
      text = text[..<quote]
      if let end {
        guard let stop = text.range(of: end) else { continue }
        text = text[..<stop.lowerBound]
      }
      return text.replacing("\\n", with: "\n")
    }
    return nil
  }
}

extension StringProtocol where SubSequence == Substring {
  /// Where another text first occurs, compared byte by byte. (Foundation's, which the extension does without.)
  fileprivate func range(of other: String) -> Range<Index>? {
    let wanted = Array(other.utf8)
    guard let first = wanted.first else { return nil }
    var index = utf8.startIndex
    while let candidate = utf8[index...].firstIndex(of: first) {
      let rest = utf8[candidate...]
      if rest.starts(with: wanted) {
        return candidate..<utf8.index(candidate, offsetBy: wanted.count)
      }
      index = utf8.index(after: candidate)
    }
    return nil
  }

  fileprivate func contains(_ other: String) -> Bool { range(of: other) != nil }

  fileprivate func replacing(_ other: String, with replacement: String) -> String {
    var result = ""
    var rest = self[...]
    while let found = rest.range(of: other) {
      result += rest[..<found.lowerBound] + replacement
      rest = rest[found.upperBound...]
    }
    return result + rest
  }
}
