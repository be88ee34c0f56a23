import JSON
import Tokenization

/// What a server's model is asked.
package struct ServerConversation: Sendable {
  package var messages: [ChatMessage]
  package var maximumTokens: Int
  package var temperature = 0.0
  package var topP = 1.0
  package var seed: UInt64 = 0
  /// Texts before which an answer ends.
  package var stops: [String] = []
  /// A JSON Schema that the answer must follow; nil for any text.
  package var schema: JSON?

  package init(_ messages: [ChatMessage], maximumTokens: Int, schema: JSON? = nil) {
    self.messages = messages
    self.maximumTokens = maximumTokens
    self.schema = schema
  }

  /// The body of the request.
  func body(model: String, _ dialect: ServerDialect) -> JSON {
    var messages = messages
    if let schema, dialect.tellsSchema, !messages.isEmpty {
      messages[messages.count - 1].content +=
        "\n\nAnswer with JSON that follows this JSON Schema, and nothing else: \(schema.serialized())"
    }
    var members: JSONObject = [
      "model": .string(model),
      "messages": .array(
        messages.map { ["role": .string($0.role.rawValue), "content": .string($0.content)] }),
      "stream": false,
    ]
    members[dialect.namesCompletionTokens ? "max_completion_tokens" : "max_tokens"] =
      .integer(Int64(maximumTokens))
    if dialect.sendsTemperature { members["temperature"] = .number(temperature) }
    // Members that change nothing are left out: some servers refuse what they do not know.
    if temperature > 0 {
      members["seed"] = .integer(Int64(seed & 0x7FFF_FFFF))
      if topP < 1 { members["top_p"] = .number(topP) }
    }
    if !stops.isEmpty { members["stop"] = .array(stops.map(JSON.string)) }
    if let format = schema.flatMap(dialect.responseFormat) { members["response_format"] = format }
    return .object(members)
  }
}

/// What a server's model answered.
package struct ServerAnswer: Hashable, Sendable {
  package let text: String
  /// Whether it ended because it had the most tokens that were allowed.
  package let isCut: Bool
}
