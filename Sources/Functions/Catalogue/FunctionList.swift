import JSON

extension AITable {
  static let functionList = AITable(
    name: "ai_functions",
    summary: "Every function that Sibyl offers, one row each.",
    columns: [
      Column("name", .text, "The function's name."),
      Column("signature", .text, "The name with its parameters; optional ones in brackets."),
      Column("returns", .text, "The type of the answer."),
      Column("summary", .text, "What it does, in one sentence."),
      Column("details", .text, "What else to know."),
      Column("example", .text, "A statement to try."),
      Column(
        "examples", .json,
        "All examples: [{\"sql\": …, \"answer\": …}], the answer as the shell prints it; \"postgres\" is the "
          + "statement for PostgreSQL where that differs."),
      Column("kind", .text, "scalar, table or aggregate."),
    ],
    examples: [
      Example("SELECT returns FROM ai_functions() WHERE name = 'ai_sentiment_score';", gives: "real")
    ]
  ) { _, _ in
    Catalogue.entries.map { entry in
      let examples = JSON.array(
        entry.examples.map { example in
          var members: [(String, JSON)] = [
            ("sql", .string(example.sql)), ("answer", example.answer.map(JSON.string) ?? .null),
          ]
          if example.postgres.sql != example.sql {
            members.append(("postgres", .string(example.postgres.sql)))
          }
          return .object(JSONObject(members))
        })
      return [
        .text(entry.name), .text(entry.signature), .text(entry.returnDescription), .text(entry.summary),
        .text(entry.details), entry.examples.first.map { .text($0.sql) } ?? .null,
        .text(examples.serialized()),
        .text(entry.kind),
      ]
    }
  }
}
