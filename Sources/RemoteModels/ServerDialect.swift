import JSON

/// Which form of OpenAI's interface a server speaks: servers differ in how they take a schema and in the names of some
/// members. It is found out by what the server refuses, and then kept for the life of the process.
package struct ServerDialect: Hashable, Sendable {
  /// How an answer is bound to a schema.
  package enum SchemaForm: Int, Sendable {
    /// `response_format` of type `json_schema`: OpenAI, vLLM, llama.cpp, Ollama.
    case jsonSchema
    /// Of type `json_object` with the schema beside it: llama-cpp-python.
    case objectWithSchema
    /// Of type `json_object` alone, with the schema in words.
    case object
    /// The schema in words alone.
    case words
  }

  package var schemaForm = SchemaForm.jsonSchema
  /// Whether the most tokens are `max_completion_tokens` instead of `max_tokens`.
  package var namesCompletionTokens = false
  package var sendsTemperature = true

  package init() {}

  /// Changes to another form after a refusal.
  ///
  /// - Parameters:
  ///   - message: what the server said.
  ///   - hasSchema: whether the request had a schema.
  /// - Returns: false where no other form may help.
  package mutating func adapt(status: Int, message: String, hasSchema: Bool) -> Bool {
    // Some servers call a form that they do not know an error of their own.
    guard [400, 404, 415, 422, 500, 501].contains(status) else { return false }
    let message = message.lowercased()
    if !namesCompletionTokens, message.contains("max_completion_tokens") {
      namesCompletionTokens = true
      return true
    }
    if sendsTemperature, status == 400, message.contains("temperature") {
      sendsTemperature = false
      return true
    }
    let isAboutSchema = ["response_format", "json_schema", "schema", "grammar", "json_object"].contains {
      message.contains($0)
    }
    guard hasSchema, isAboutSchema, let next = SchemaForm(rawValue: schemaForm.rawValue + 1) else {
      return false
    }
    schemaForm = next
    return true
  }

  /// The member `response_format` for a schema; nil where there is none.
  func responseFormat(_ schema: JSON) -> JSON? {
    switch schemaForm {
    case .jsonSchema:
      ["type": "json_schema", "json_schema": ["name": "answer", "strict": true, "schema": schema]]
    case .objectWithSchema: ["type": "json_object", "schema": schema]
    case .object: ["type": "json_object"]
    case .words: JSON?.none
    }
  }

  /// Whether the schema must be told in words.
  var tellsSchema: Bool { schemaForm == .object || schemaForm == .words }
}
