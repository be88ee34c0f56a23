import Diagnostics
import JSON
import Sampling
import Tokenization

extension AIFunction {
  static let mask = AIFunction(
    name: "ai_mask",
    summary: "A text with personal data replaced by [MASKED].",
    details: """
      entities is a JSON array. email, phone, card (numbers that pass Luhn's check), iban (that pass its check), ip, url and date are found by \
      rule: quickly, always the same, and nothing around them changes. Any other name, such as person or company, is \
      looked for by a language model, which misses some: do not rely on it where the law asks for certainty. Blank \
      text stays as it is. \(WritingOptions.documentation)
      """,
    parameters: [
      .text("The text to mask."),
      .json("entities", "What to mask.", expected: MaskedEntities.expected, isList: true) {
        json throws(SibylError) in
        try MaskedEntities(json)
      },
      .writingOptions,
    ],
    returns: .text,
    examples: [
      Example(
        #"SELECT ai_mask('Write to anna@example.com or call +49 30 901820', '["email","phone"]');"#,
        gives: "Write to [MASKED] or call [MASKED]")
    ],
    isCached: true,
    model: ModelUse { call in
      guard call.decoded(1, as: MaskedEntities.self)?.others.isEmpty == false else { return .none }
      return call.decoded(2, as: WritingOptions.self)?.model.map(ModelUse.Choice.named) ?? .generationDefault
    }
  ) { (context, calls) throws(SibylError) in
    // All calls of a batch share the entities and the options.
    guard let first = calls.first, let entities = first.decoded(1, as: MaskedEntities.self) else { return [] }
    let options = first.decoded(2, as: WritingOptions.self) ?? WritingOptions()
    let texts = calls.map { $0.text(0) }
    let named: [Result<[String]?, SibylError>] =
      entities.others.isEmpty
      ? texts.map { _ in .success([]) } : try Self.names(of: entities.others, in: texts, options, context)
    let finder = EntityFinder(entities.kinds)
    return zip(texts, named).map { text, names in
      names.map { names in
        guard let names else { return .null }
        return .text(finder.masked(Self.masking(names, in: text)))
      }
    }
  }

  /// What the model finds in each text; nil where a fault is to give NULL.
  private static func names(
    of others: [String], in texts: [String], _ options: WritingOptions, _ context: CallContext
  ) throws(SibylError) -> [Result<[String]?, SibylError>] {
    let model = try context.languageModel(chatTemplate: options.chatTemplate)
    let schema = try JSONSchema(
      fieldsOrSchema: .object(JSONObject(others.map { ($0, .array([.string("string")])) })))
    let constraint: AnswerConstraint
    do throws(SibylError) {
      constraint = try model.constraint(schema)
    } catch { throw context.argumentError(1, error.message) }
    let cut = texts.map { text in
      text.isBlank ? [] : TextPieces.pieces(of: text, atMost: 256, tokenizer: model.tokens)
    }
    let list = others.joined(separator: ", ")
    let written = try context.write(
      cut.joined().map { piece in
        [
          ChatMessage(
            .user,
            "List every \(list) that is named in the text below, in exactly the words of the text. Answer with JSON only.\n\n"
              + "Text: \(piece)")
        ]
      }, options, maximumTokens: 256, constraint: constraint)
    var place = 0
    return cut.map { pieces in
      let answers = written[place..<(place + pieces.count)]
      place += pieces.count
      var names: [String] = []
      for answer in answers {
        switch answer {
        case .failure(let error): return .failure(error)
        case .success(nil): return .success(nil)
        case .success(let text?):
          guard let found = try? JSON.parse(text), case .object(let members) = found else { continue }
          for (_, value) in members { names += (value.arrayValue ?? []).compactMap(\.stringValue) }
        }
      }
      return .success(names)
    }
  }

  /// Masks names wherever the text has them as whole words. What the text does not have was made up.
  private static func masking(_ names: [String], in text: String) -> String {
    var text = text
    for name in Set(names).sorted(by: { ($1.count, $0) < ($0.count, $1) }) where !name.isBlank {
      var masked = ""
      var rest = Substring(text)
      while let range = rest.firstRange(of: name) {
        let isWord =
          (rest[..<range.lowerBound].last ?? masked.last)?.isLetter != true
          && rest[range.upperBound...].first?.isLetter != true
        masked += rest[..<range.lowerBound]
        masked += isWord ? EntityFinder.replacement : String(rest[range])
        rest = rest[range.upperBound...]
      }
      text = masked + rest
    }
    return text
  }
}
