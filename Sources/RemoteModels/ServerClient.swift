import Diagnostics
import JSON
import ModelFiles
import Threads
import Tokenization

/// Asks the model of a registered server: many conversations, or many texts to embed, so many at once.
///
/// The key is read from the environment for each call, goes into the header of the request and nowhere else.
///
/// Threads: any; a call keeps its thread until all answers are there.
package struct ServerClient: Sendable {
  private let server: ServerModel
  private let state: ServerState
  private var policy = RetryPolicy()

  /// Texts that are embedded by one request.
  private static let textsAtOnce = 32
  private static let wordsOfServer = 300

  package init(_ server: ServerModel, policy: RetryPolicy = RetryPolicy()) {
    self.server = server
    self.policy = policy
    state = .shared(for: server.address)
  }

  // MARK: Conversations

  /// Has conversations answered.
  ///
  /// - Parameter isCancelled: asked some fifty times a second, on the calling thread.
  /// - Returns: one answer a conversation; what is wrong with one is told in its place.
  /// - Throws: where nothing can be asked: no libcurl, no memory.
  package func answers(
    to conversations: [ServerConversation], isCancelled: (() -> Bool)? = nil
  ) throws(SibylError) -> [Result<ServerAnswer, SibylError>] {
    var answers = [ServerAnswer?](repeating: nil, count: conversations.count)
    let key = try key()
    let path = "/chat/completions"
    // What each request was written in, as another may have learnt better meanwhile.
    var dialects = [ServerDialect](repeating: ServerDialect(), count: conversations.count)
    let faults = try run(
      count: conversations.count, isCancelled: isCancelled,
      request: { number in
        dialects[number] = state.dialect(of: server.model)
        let body = conversations[number].body(model: server.model, dialects[number])
        return request(path, body, key)
      },
      judge: { number, reply in
        if let verdict = verdict(on: reply, path, key) {
          guard case .some(let message) = Self.message(of: reply) else { return verdict }
          var dialect = dialects[number]
          let hasSchema = conversations[number].schema != nil
          guard dialect.adapt(status: reply.status, message: message, hasSchema: hasSchema) else {
            return verdict
          }
          // Another request may have learnt the same, or more.
          if state.dialect(of: server.model) == dialects[number] { state.note(dialect, of: server.model) }
          return .rephrase
        }
        return verdict(on: reply) { (json) throws(SibylError) in answers[number] = try answer(in: json) }
      })
    return zip(answers, faults).map { answer, fault in
      if let fault { return .failure(fault) }
      return answer.map { .success($0) } ?? .failure(Self.lost)
    }
  }

  private func answer(in json: JSON) throws(SibylError) -> ServerAnswer {
    guard let choice = json["choices"]?[0] else {
      throw fault("answered without \"choices\"; is it an OpenAI-compatible server?")
    }
    if let refusal = choice["message"]?["refusal"]?.stringValue {
      throw fault("refused: \(excerpt(refusal))")
    }
    guard let text = choice["message"]?["content"]?.stringValue else {
      throw fault("answered without text")
    }
    return ServerAnswer(text: text, isCut: choice["finish_reason"]?.stringValue == "length")
  }

  // MARK: Embeddings

  /// Embeds texts, in their order: vectors as the server gives them, all of one length.
  ///
  /// - Throws: what keeps any of them from being embedded.
  package func embeddings(
    of texts: [String], isCancelled: (() -> Bool)? = nil
  ) throws(SibylError) -> [[Float]] {
    let key = try key()
    let path = "/embeddings"
    let starts = Array(stride(from: 0, to: texts.count, by: Self.textsAtOnce))
    var vectors = [[Float]](repeating: [], count: texts.count)
    let faults = try run(
      count: starts.count, isCancelled: isCancelled,
      request: { number in
        let part = texts[starts[number]..<min(starts[number] + Self.textsAtOnce, texts.count)]
        // Blank text has an embedding too, and many servers take no empty text.
        let input = part.map { JSON.string($0.isEmpty ? " " : $0) }
        return request(path, ["model": .string(server.model), "input": .array(input)], key)
      },
      judge: { number, reply in
        if let verdict = verdict(on: reply, path, key) { return verdict }
        let places = starts[number]..<min(starts[number] + Self.textsAtOnce, texts.count)
        return verdict(on: reply) { (json) throws(SibylError) in try take(json, places, into: &vectors) }
      })
    if let fault = faults.compactMap(\.self).first { throw fault }
    guard Set(vectors.map(\.count)).count <= 1 else {
      throw fault("gives vectors of different lengths for one model")
    }
    return vectors
  }

  private func take(
    _ json: JSON, _ places: Range<Int>, into vectors: inout [[Float]]
  ) throws(SibylError) {
    guard let data = json["data"]?.arrayValue, data.count == places.count else {
      throw fault("answered without an embedding for each text; is its model one that embeds?")
    }
    var isTaken = [Bool](repeating: false, count: data.count)
    for (position, entry) in data.enumerated() {
      let place = entry["index"]?.integerValue ?? position
      guard isTaken.indices.contains(place), !isTaken[place], let numbers = entry["embedding"]?.arrayValue,
        !numbers.isEmpty, numbers.count <= 65_536
      else { throw fault("answered with embeddings that are not in order") }
      guard numbers[0].arrayValue == nil else {
        throw fault(
          "gives a vector for each token, not one for the text; use a model that embeds, or let the server pool"
        )
      }
      isTaken[place] = true
      let values = numbers.compactMap { $0.numberValue.map { Float($0) } }
      guard values.count == numbers.count, values.allSatisfy(\.isFinite) else {
        throw fault("answered with an embedding that is not all numbers")
      }
      vectors[places.lowerBound + place] = values
    }
  }

  // MARK: Requests and replies

  private func run(
    count: Int, isCancelled: (() -> Bool)?, request: (Int) -> ServerRequest,
    judge: (Int, ServerReply) -> RequestRun.Verdict
  ) throws(SibylError) -> [SibylError?] {
    try RequestRun(server: server, state: state, policy: policy).run(
      count: count, isCancelled: isCancelled, request: request, judge: judge)
  }

  /// The key, where it may be sent.
  private func key() throws(SibylError) -> String? {
    // A key in the usual variable is some cloud's. It does not go over the network in the clear to a server for which
    // nobody has named it.
    guard server.access.isKeyVariableNamed || server.address.isEncrypted || server.address.isLocal else {
      return nil
    }
    guard let key = Environment[server.access.keyVariable] else { return nil }
    guard key.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }), key.utf8.count <= 4_096 else {
      throw SibylError(
        .missingModel,
        "the environment variable \(server.access.keyVariable) holds no key: it has spaces, line breaks or other "
          + "characters that no key has")
    }
    return key
  }

  private func request(_ path: String, _ body: JSON, _ key: String?) -> ServerRequest {
    var headers = [
      "Content-Type: application/json", "Accept: application/json", "Expect:", "User-Agent: sibyl",
    ]
    if let key { headers.append("Authorization: Bearer \(key)") }
    return ServerRequest(
      url: server.address.text + path, headers: headers, body: Array(body.serialized().utf8),
      timeout: server.access.timeout * 1_000, ignoresProxy: server.address.isLocal)
  }

  /// What a reply means that holds no answer; nil where it may hold one.
  private func verdict(on reply: ServerReply, _ path: String, _ key: String?) -> RequestRun.Verdict? {
    if let verdict = verdict(on: reply.fault) { return verdict }
    func said() -> String {
      Self.message(of: reply).map { message in
        // A server may repeat what it was sent.
        let safe = key.map { message.replacing($0, with: "[key]") } ?? message
        return ": \(excerpt(safe))"
      } ?? ""
    }
    let variable = server.access.keyVariable
    switch reply.status {
    case 200..<300: return nil
    case 300..<400:
      let target = reply.location.isEmpty ? "" : " to \(excerpt(Self.withoutQuery(reply.location)))"
      return .failed(
        fault(.missingModel, "redirects\(target), and redirects are not followed; register the right address")
      )
    case 401, 403:
      return .failed(
        fault(
          .missingModel,
          key == nil
            ? "asks for a key (HTTP \(reply.status)); put it into the environment variable \(variable)"
              + (server.access.isKeyVariableNamed || server.address.isEncrypted || server.address.isLocal
                ? "" : " and register the model again with --key-variable \(variable)")
            : "does not take the key in \(variable) (HTTP \(reply.status))"))
    case 404:
      return .failed(
        fault(
          .missingModel, "has no model \"\(excerpt(server.model))\" or nothing at \(path) (HTTP 404)\(said())"
        ))
    case 408, 409, 425, 429, 500, 502...599:
      let seconds = RetryAfter.seconds(
        reply.retryAfter, now: Double(MonotonicClock.wallMilliseconds) / 1_000)
      return .tryAgain(
        fault(
          reply.status == 429
            ? "has too many requests (HTTP 429)\(said())" : "failed (HTTP \(reply.status))\(said())"),
        afterSeconds: seconds)
    case 400, 413, 422:
      return .failed(fault(.invalidArgument, "refuses the request (HTTP \(reply.status))\(said())"))
    default: return .failed(fault("answered with HTTP \(reply.status)\(said())"))
    }
  }

  private func verdict(on transport: ServerReply.Fault?) -> RequestRun.Verdict? {
    switch transport {
    case nil: return nil
    case .timedOut:
      return .tryAgain(fault("did not answer within \(server.access.timeout) seconds"), afterSeconds: nil)
    case .tooLarge:
      return .failed(fault(.invalidArgument, "answered with more than \(Transfers.mostBytes >> 20) MiB"))
    case .hopeless(let words): return .failed(fault(.missingModel, "can't be asked: \(excerpt(words))"))
    case .broken(let words): return .tryAgain(fault("can't be reached: \(excerpt(words))"), afterSeconds: nil)
    }
  }

  /// Reads a reply that should hold an answer. What is no JSON may be whole the next time; what is JSON of another form
  /// will be the same.
  private func verdict(
    on reply: ServerReply, read: (JSON) throws(SibylError) -> Void
  ) -> RequestRun.Verdict {
    guard let json = try? JSON.parse(reply.body, maximumDepth: 64) else {
      return .tryAgain(fault("answered with what is no JSON"), afterSeconds: nil)
    }
    do throws(SibylError) {
      try read(json)
      return .done
    } catch { return .failed(error) }
  }

  /// What a server says to a refusal.
  private static func message(of reply: ServerReply) -> String? {
    guard reply.status >= 400, !reply.body.isEmpty else { return nil }
    guard let json = try? JSON.parse(reply.body, maximumDepth: 64) else {
      let text = String(decoding: reply.body.prefix(wordsOfServer), as: UTF8.self)
      return text.first == "<" ? nil : text
    }
    if let text = json["error"]?["message"]?.stringValue ?? json["error"]?.stringValue { return text }
    if let text = json["message"]?.stringValue ?? json["detail"]?.stringValue { return text }
    return json.serialized()
  }

  /// A text from outside, fit for an error's sentence.
  private func excerpt(_ text: String) -> String {
    let line = String(
      String.UnicodeScalarView(
        text.unicodeScalars.prefix(Self.wordsOfServer).map {
          $0.properties.generalCategory == .control ? " " : $0
        }))
    return text.unicodeScalars.count > Self.wordsOfServer ? line + "…" : line
  }

  private static func withoutQuery(_ address: String) -> String {
    String(address.prefix { $0 != "?" && $0 != "#" })
  }

  private func fault(_ sentence: String) -> SibylError { fault(.unavailable, sentence) }

  private func fault(_ kind: SibylError.Kind, _ sentence: String) -> SibylError {
    SibylError(kind, "the server at \(server.address.host) \(sentence)")
  }

  private static let lost = SibylError(.internalFault, "an answer is missing; please report this defect")
}
