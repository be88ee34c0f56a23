import Functions

/// One way in which an argument may be given to a function in PostgreSQL; a parameter with several forms
/// makes several functions of the same name.
struct ParameterForm {
  /// The argument's type.
  let type: String
  /// The text that stands for the argument in the cache key and in the call, as an expression over `$n`. It means the
  /// same under every search path.
  let text: @Sendable (_ argument: String) -> String
  /// The cast that the bridge gets with that text.
  let cast: String
  var isEmbedding = false
  /// What makes the argument's part of the cache key.
  var keyFunction = "key_part"

  /// Whether the text form of numbers depends on the session's `extra_float_digits`.
  var dependsOnFloatDigits: Bool { isEmbedding || type == "double precision" }

  /// The forms of a parameter. Where there are several, one of them is text: that is the one which PostgreSQL
  /// chooses for a literal without a type, so that no call is ambiguous.
  static func forms(of parameter: Parameter) -> [ParameterForm] {
    switch parameter.type {
    case .text, .scalar: [text]
    case .texts: [texts]
    case .integer: [converted("bigint")]
    case .boolean: [converted("boolean")]
    case .real: [converted("double precision")]
    case .embedding: [embedding]
    case .textOrEmbedding: [text, embedding]
    case .json where parameter.isList:
      [
        // Without a cast, since it may be no JSON at all.
        ParameterForm(type: "text", text: { "sibyl.json_text(\($0))" }, cast: ""), converted("jsonb"),
        ParameterForm(
          type: "text[]", text: { "pg_catalog.to_jsonb(\($0))::pg_catalog.text" }, cast: "::jsonb"),
      ]
    case .json: [converted("jsonb")]
    }
  }

  static let text = ParameterForm(type: "text", text: { $0 }, cast: "")

  private static let embedding = ParameterForm(
    type: "real[]", text: { "\($0)::pg_catalog.text" }, cast: "::real[]", isEmbedding: true,
    keyFunction: "embedding_key_part")

  private static let texts = ParameterForm(
    type: "text[]", text: { $0 }, cast: "::text[]", keyFunction: "texts_key_part")

  private static func converted(_ type: String) -> ParameterForm {
    ParameterForm(type: type, text: { "\($0)::pg_catalog.text" }, cast: "::\(type)")
  }
}
