import Diagnostics
import JSON
import ModelFiles
import RemoteModels
import Sampling
import Tokenization

/// A model that a registered server runs.
struct RemoteLanguageModel: LanguageModel {
  private let client: ServerClient
  let contextLength: Int

  init(_ installed: InstalledModel) throws(SibylError) {
    guard installed.manifest.kind == .decoder else {
      throw SibylError(
        .invalidArgument,
        "the model \"\(installed.name)\" is registered for embeddings; register one that writes without --embeddings"
      )
    }
    let server = try installed.server()
    client = ServerClient(server)
    contextLength = server.contextLength
  }

  var tokens: any TokenCounting { EstimatedTokens() }
  var tellsProbabilities: Bool { false }
  var longestChoice: Int { .max }

  /// Marks around a message.
  private static let tokensOfMessage = 8

  func tokenCount(of conversation: [ChatMessage]) -> Int {
    conversation.reduce(0) { $0 + tokens.tokenCount(of: $1.content) + Self.tokensOfMessage }
  }

  func constraint(_ schema: JSONSchema) throws(SibylError) -> AnswerConstraint {
    AnswerConstraint(schema: schema, local: nil)
  }

  func write(
    _ conversations: [[ChatMessage]], _ form: AnswerForm, isCancelled: (() -> Bool)?
  ) throws(SibylError) -> [Result<String, SibylError>] {
    let answers = try client.answers(
      to: conversations.map { messages in
        var conversation = ServerConversation(
          messages, maximumTokens: form.stop.maximumTokens, schema: form.constraint?.schema.json)
        conversation.temperature = form.sampling.temperature
        conversation.topP = form.sampling.topP
        conversation.seed = form.sampling.seed
        conversation.stops = form.stop.stops.map { String(decoding: $0, as: UTF8.self) }
        return conversation
      }, isCancelled: isCancelled)
    return answers.map { answer in
      answer.flatMap { answer in
        guard let schema = form.constraint?.schema else { return .success(Self.trimmed(answer.text)) }
        return Self.checked(answer, schema).map { $0.serialized() }
      }
    }
  }

  /// The server names the choices; those have the probability 1, and the others 0.
  func judge(
    _ conversations: [[ChatMessage]], choices: [String], severalFit: Bool, isCancelled: (() -> Bool)?
  ) throws(SibylError) -> [Result<[Double], SibylError>] {
    let listed = choices.map { JSON.string($0).serialized() }
    let one: JSON = ["type": "string", "enum": .array(choices.map(JSON.string))]
    let answer: JSON =
      severalFit ? ["type": "array", "items": one, "maxItems": .integer(Int64(choices.count))] : one
    let schema = try JSONSchema([
      "type": "object", "properties": ["answer": answer], "required": ["answer"],
      "additionalProperties": false,
    ])
    let request =
      severalFit
      ? "\n\nAnswer with a JSON object {\"answer\": […]} that lists those of these that fit, perhaps none: "
      : "\n\nAnswer with a JSON object {\"answer\": …} that names one of these: "
    // Room for names as long as any label, and for models that think before they answer.
    let length = listed.map { $0.utf8.count }
    let tokens = 512 + (severalFit ? length.reduce(0, +) : length.max() ?? 0)
    let answers = try client.answers(
      to: conversations.map { messages in
        var messages = messages
        if !messages.isEmpty {
          messages[messages.count - 1].content += request + listed.joined(separator: ", ") + "."
        }
        return ServerConversation(messages, maximumTokens: min(tokens, 4_096), schema: schema.json)
      }, isCancelled: isCancelled)
    return answers.map { answer in
      answer.flatMap { answer in
        // Where the schema was not kept to, the bare name is an answer too.
        let bare = Self.trimmed(answer.text).lowercased()
        if !severalFit, let choice = choices.firstIndex(where: { $0.lowercased() == bare }) {
          return .success(choices.indices.map { $0 == choice ? 0 : -.infinity })
        }
        return Self.checked(answer, schema).map { json in
          let named = (json["answer"]?.arrayValue ?? [json["answer"] ?? .null]).compactMap(\.stringValue)
          return choices.map { named.contains($0) ? 0 : -.infinity }
        }
      }
    }
  }

  // MARK: What comes back

  /// The answer as JSON that follows the schema: a server may not have kept to it.
  private static func checked(_ answer: ServerAnswer, _ schema: JSONSchema) -> Result<JSON, SibylError> {
    do throws(SibylError) {
      let json = try JSON.parse(unfenced(answer.text), maximumDepth: 64)
      guard let fitting = schema.fitted(json) else {
        throw SibylError(.unavailable, "it does not follow the schema")
      }
      return .success(fitting)
    } catch {
      return .failure(
        SibylError(
          .invalidArgument,
          answer.isCut
            ? "the server's answer was cut off at max_tokens before its JSON ended; raise max_tokens"
            : "the server's answer is not JSON of the form that was asked for: \(answer.text.prefix(80)); use a model "
              + "or server that supports structured outputs"))
    }
  }

  /// JSON that stands in a Markdown fence, without it.
  private static func unfenced(_ text: String) -> String {
    let text = trimmed(text)
    guard text.hasPrefix("```"), text.hasSuffix("```"), text.utf8.count > 6,
      let start = text.firstIndex(where: \.isNewline)
    else { return text }
    return trimmed(String(text[start...].dropLast(3)))
  }

  private static func trimmed(_ text: String) -> String {
    guard let first = text.firstIndex(where: { !$0.isWhitespace }),
      let last = text.lastIndex(where: { !$0.isWhitespace })
    else { return "" }
    return String(text[first...last])
  }
}
