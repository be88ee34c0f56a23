import Diagnostics
import Inference
import JSON
import Sampling
import Tokenization

extension AIFunction {
  static let extract = AIFunction(
    name: "ai_extract",
    summary: "What a text says about given fields, as a JSON object.",
    details: """
      fields is a list of names (["name","city"]), an object of name to type ({"name":"string","amount":"number",\
      "urgent":"boolean","size":["S","M","L"],"tags":["string"]}), or a JSON Schema. The answer always is JSON of that form, because \
      the model can write nothing else; whether it is right depends on the model. With the short forms a field is null where the text \
      does not say. Blank text gives NULL. \(WritingOptions.documentation)
      """,
    parameters: [
      .text("The text to read."),
      .json(
        "fields", "The fields to look for.",
        expected: "a list of field names, an object of field types, or a JSON Schema"
      ) {
        json throws(SibylError) in
        ExtractedFields(schema: try JSONSchema(fieldsOrSchema: json), description: json.serialized())
      },
      .writingOptions,
    ],
    returns: .json,
    examples: [
      Example(
        #"SELECT json_valid(ai_extract('Anna Berg from Oslo paid 40 euros', '{"name":"string","amount":"number"}'));"#,
        gives: "1",
        postgres: .init(
          #"SELECT jsonb_typeof(ai_extract('Anna Berg from Oslo paid 40 euros', '{"name":"string","amount":"number"}'));"#,
          gives: "object"))
    ],
    isCached: true,
    model: .generation(options: 2)
  ) { (context, calls) throws(SibylError) in
    // All calls of a batch share the fields and the options.
    guard let first = calls.first, let fields = first.decoded(1, as: ExtractedFields.self) else { return [] }
    let options = first.decoded(2, as: WritingOptions.self) ?? WritingOptions()
    let constraint: AnswerConstraint
    let model = try context.languageModel(chatTemplate: options.chatTemplate)
    do throws(SibylError) {
      constraint = try model.constraint(fields.schema)
    } catch { throw context.argumentError(1, error.message) }
    let read = calls.indices.filter { !calls[$0].text(0).isBlank }
    var answers = [Result<Value, SibylError>](repeating: .success(.null), count: calls.count)
    let written = try context.write(
      read.map { fields.question(about: calls[$0].text(0)) }, options, maximumTokens: 512,
      constraint: constraint)
    for (call, answer) in zip(read, written) { answers[call] = answer.map { $0.map(Value.text) ?? .null } }
    return answers
  }
}

/// What `ai_extract` looks for.
private struct ExtractedFields: Sendable {
  let schema: JSONSchema
  /// The fields as the user wrote them, for the model.
  let description: String

  func question(about text: String) -> [ChatMessage] {
    [
      ChatMessage(
        .user,
        "Extract these fields from the text below and answer with JSON only. Use null for what the text does not say.\n\n"
          + "Fields: \(description)\n\nText: \(text)")
    ]
  }
}
