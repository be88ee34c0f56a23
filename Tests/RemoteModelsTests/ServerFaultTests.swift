import Diagnostics
import Foundation
import JSON
import ModelFiles
import RemoteModels
import TestSupport
import Testing
import Tokenization

#if canImport(Glibc)
  import Glibc
#endif

/// A server that answers in every wrong way: each time there is an answer or a clear error, and nothing else.
@Suite struct ServerFaultTests {
  /// A client that is in a hurry.
  static func client(
    _ address: String, attempts: Int = 3, timeout: Int = 10, concurrency: Int = 4, keyVariable: String? = nil
  ) throws -> ServerClient {
    var policy = RetryPolicy()
    policy.attempts = attempts
    policy.firstPause = 0.01
    return ServerClient(
      try ServerModel(
        address: address, model: "test-model",
        access: .init(keyVariable: keyVariable, timeout: timeout, concurrency: concurrency)), policy: policy)
  }

  static func ask(_ client: ServerClient, _ count: Int = 1) throws -> [Result<ServerAnswer, SibylError>] {
    try client.answers(
      to: (0..<count).map { ServerConversation([ChatMessage(.user, "question \($0)")], maximumTokens: 8) })
  }

  private func fault(_ client: ServerClient) throws -> String {
    guard case .failure(let error) = try Self.ask(client)[0] else {
      Issue.record("there was an answer")
      return ""
    }
    return error.message
  }

  @Test func answersComeInOrderAndSoManyAtOnce() throws {
    let server = try LoopbackServer { request in
      usleep(20_000)
      let json = try? JSON.parse(request.body)
      return .reply(200, LoopbackServer.completion(json?["messages"]?[0]?["content"]?.stringValue ?? "?"))
    }
    let answers = try Self.ask(try Self.client(server.address, concurrency: 3), 12)
    #expect(try answers.map { try $0.get().text } == (0..<12).map { "question \($0)" })
    #expect(server.mostTogether <= 3)
    #expect(server.mostTogether > 1)
    let body = try JSON.parse(try #require(server.requests.first).body)
    #expect(body["model"] == "test-model")
    #expect(body["temperature"]?.numberValue == 0)
    #expect(body["max_tokens"]?.integerValue == 8)
    #expect(server.requests[0].path == "/v1/chat/completions")
  }

  @Test func aBusyServerIsAskedAgain() throws {
    let server = try LoopbackServer { request in
      switch request.number {
      case 0: .reply(429, #"{"error":{"message":"slow down"}}"#, headers: ["Retry-After: 0"])
      case 1: .reply(500, "<html>")
      default: .reply(200, LoopbackServer.completion("at last"))
      }
    }
    #expect(try Self.ask(try Self.client(server.address))[0].get().text == "at last")
    #expect(server.requests.count == 3)
  }

  @Test func aLongPauseIsNotWaitedFor() throws {
    let server = try LoopbackServer { _ in
      .reply(429, #"{"error":{"message":"come back tomorrow"}}"#, headers: ["Retry-After: 86400"])
    }
    let message = try fault(try Self.client(server.address))
    #expect(message.contains("HTTP 429") && message.contains("come back tomorrow"))
    #expect(message.contains("86400 seconds"))
    #expect(server.requests.count == 1)
  }

  @Test func attemptsEnd() throws {
    let server = try LoopbackServer { _ in .reply(503, "{}") }
    let message = try fault(try Self.client(server.address))
    #expect(message.contains("HTTP 503") && message.contains("tried 3 times"))
    #expect(server.requests.count == 3)
  }

  @Test func aServerThatIsDownIsLeftAlone() throws {
    let server = try LoopbackServer { _ in .close }
    let client = try Self.client(server.address, attempts: 2, concurrency: 1)
    let answers = try Self.ask(client, 20)
    let messages = answers.map { answer in
      if case .failure(let error) = answer { error.message } else { "" }
    }
    #expect(messages.count { $0.contains("can't be reached") } == CircuitBreaker.mostFailures)
    // Which ones, depends on whose second attempt comes first.
    #expect(messages.count { $0.contains("is asked again in") } == 20 - CircuitBreaker.mostFailures)
    // All of them twice would be 40; all may have had their first attempt before one has failed for good.
    #expect(server.requests.count < 30)
  }

  @Test func aHangEndsWithTheTime() throws {
    let server = try LoopbackServer { _ in .hang }
    let message = try fault(try Self.client(server.address, attempts: 1, timeout: 1))
    #expect(message.contains("did not answer within 1 seconds"))
  }

  @Test func aDripEndsWithTheTime() throws {
    let server = try LoopbackServer { _ in .drip(LoopbackServer.completion("slow")) }
    let message = try fault(try Self.client(server.address, attempts: 1, timeout: 1))
    #expect(message.contains("did not answer within 1 seconds"))
  }

  @Test func cancellationDoesNotWait() throws {
    let server = try LoopbackServer { _ in .hang }
    let client = try Self.client(server.address, timeout: 60)
    var questions = 0
    let answers = try client.answers(
      to: (0..<9).map { ServerConversation([ChatMessage(.user, "\($0)")], maximumTokens: 8) },
      isCancelled: {
        questions += 1
        return questions > 5
      })
    #expect(
      answers.allSatisfy {
        if case .failure(let error) = $0 { error.kind == .cancelled } else { false }
      })
    // The places are free again.
    #expect(questions == 6)
    let other = try LoopbackServer { _ in .reply(200, LoopbackServer.completion("yes")) }
    #expect(try Self.ask(try Self.client(other.address))[0].get().text == "yes")
  }

  @Test func aBodyThatIsCutOffIsAskedForAgain() throws {
    let whole = LoopbackServer.completion("whole")
    let server = try LoopbackServer { request in
      request.number == 0 ? .cut(String(whole.prefix(20)), promised: whole.utf8.count) : .reply(200, whole)
    }
    #expect(try Self.ask(try Self.client(server.address))[0].get().text == "whole")
  }

  @Test(arguments: [
    ("not json", "no JSON"), ("{", "no JSON"), ("[]", "without \"choices\""),
    ("{\"choices\":[]}", "\"choices\""),
    ("{\"choices\":[{\"message\":{\"content\":null}}]}", "without text"),
    ("{\"choices\":[{\"message\":{\"refusal\":\"I won't\"}}]}", "refused: I won't"),
    (String(repeating: "[", count: 100_000), "no JSON"),
  ]) func garbageIsTold(_ body: String, _ expected: String) throws {
    let server = try LoopbackServer { _ in .reply(200, body) }
    let message = try fault(try Self.client(server.address))
    #expect(message.contains(expected), "\(message)")
  }

  @Test func anEndlessBodyIsRefused() throws {
    let server = try LoopbackServer { _ in .flood }
    #expect(try fault(try Self.client(server.address)).contains("more than 32 MiB"))
    let promised = try LoopbackServer { _ in .cut("{", promised: 1 << 30) }
    #expect(try fault(try Self.client(promised.address)).contains("more than 32 MiB"))
  }

  @Test func refusalsAreTold() throws {
    let cases = [
      (400, "HTTP 400): the words of the server"), (404, "has no model"), (401, "asks for a key"),
      (418, "HTTP 418"),
    ]
    for (status, expected) in cases {
      let server = try LoopbackServer { _ in
        .reply(status, #"{"error":{"message":"the words of the server"}}"#)
      }
      let message = try fault(try Self.client(server.address, keyVariable: "SIBYL_TEST_NO_SUCH_KEY"))
      #expect(message.contains(expected), "\(message)")
      #expect(server.requests.count == 1)
    }
  }

  @Test func nobodyListens() throws {
    let server = try LoopbackServer { _ in .close }
    let address = server.address
    server.stop()
    #expect(try fault(try Self.client(address)).contains("can't be reached"))
  }

  // MARK: The key

  @Test func theKeyGoesIntoTheHeaderAndNowhereElse() throws {
    let key = "sk-secret-1f2e3d"
    setenv("SIBYL_TEST_KEY", key, 1)
    let other = try LoopbackServer { _ in .reply(200, LoopbackServer.completion("stolen")) }
    let server = try LoopbackServer { request in
      switch request.number {
      case 0: .reply(200, LoopbackServer.completion("fine"))
      case 1: .reply(302, "", headers: ["Location: \(other.address)/chat/completions?token=\(key)"])
      case 2: .reply(307, "", headers: ["Location: \(other.address)/chat/completions"])
      case 3: .reply(401, #"{"error":{"message":"the key \#(key) is wrong"}}"#)
      case 4: .reply(400, #"{"error":{"message":"you sent \#(key)"}}"#)
      default: .reply(418, "you sent \(key)")
      }
    }
    let client = try Self.client(server.address, keyVariable: "SIBYL_TEST_KEY")
    #expect(try Self.ask(client)[0].get().text == "fine")
    #expect(server.requests[0].headers["authorization"] == "Bearer \(key)")
    #expect(!server.requests[0].body.contains(key))
    for expected in ["redirects", "redirects", "does not take the key in SIBYL_TEST_KEY", "[key]", "[key]"] {
      let message = try fault(client)
      #expect(message.contains(expected), "\(message)")
      #expect(!message.contains(key))
    }
    #expect(other.requests.isEmpty)
  }

  @Test func aKeyThatIsNoneIsNotSent() throws {
    setenv("SIBYL_TEST_BAD_KEY", "a\r\nX-Injected: yes", 1)
    let server = try LoopbackServer { _ in .reply(200, LoopbackServer.completion("fine")) }
    let client = try Self.client(server.address, keyVariable: "SIBYL_TEST_BAD_KEY")
    let error = #expect(throws: SibylError.self) { _ = try Self.ask(client) }
    #expect(error?.message.contains("holds no key") == true)
    #expect(error?.message.contains("Injected") == false)
    #expect(server.requests.isEmpty)
  }

  // MARK: Forms

  @Test func theFormOfASchemaIsFoundOut() throws {
    let server = try LoopbackServer { request in
      let format = (try? JSON.parse(request.body))?["response_format"]
      return format?["type"]?.stringValue == "json_schema"
        ? .reply(500, #"{"error":{"message":"response_format: Input should be 'json_object'"}}"#)
        : .reply(200, LoopbackServer.completion("{}"))
    }
    let client = try Self.client(server.address, concurrency: 1)
    let schema: JSON = ["type": "object", "properties": [:], "required": [], "additionalProperties": false]
    let conversation = ServerConversation([ChatMessage(.user, "?")], maximumTokens: 8, schema: schema)
    #expect(try client.answers(to: [conversation, conversation]).map { try $0.get().text } == ["{}", "{}"])
    // One that was refused, and then two in the right form.
    #expect(server.requests.count == 3)
    let format = try JSON.parse(server.requests[2].body)["response_format"]
    #expect(format?["type"] == "json_object" && format?["schema"] == schema)
  }

  // MARK: Embeddings

  @Test func embeddingsComeInTheirOrder() throws {
    let server = try LoopbackServer { request in
      let texts = (try? JSON.parse(request.body))?["input"]?.arrayValue ?? []
      let data = texts.enumerated().reversed().map { place, text in
        #"{"index":\#(place),"embedding":[\#(text.stringValue?.count ?? 0), 1]}"#
      }
      return .reply(200, #"{"data":[\#(data.joined(separator: ","))]}"#)
    }
    let texts = (0..<70).map { String(repeating: "x", count: $0) }
    let vectors = try Self.client(server.address).embeddings(of: texts)
    // Empty text is sent as a space.
    #expect(vectors == (0..<70).map { [Float(max($0, 1)), 1] })
    #expect(server.requests.count == 3 && server.requests[0].path == "/v1/embeddings")
  }

  @Test(arguments: [
    #"{"data":[]}"#, #"{"data":[{"embedding":[]}]}"#, #"{"data":[{"embedding":["a"]}]}"#,
    #"{"data":[{"index":7,"embedding":[1]}]}"#, #"{"data":[{"embedding":[1e300]}]}"#, "null",
  ]) func wrongEmbeddingsAreRefused(_ body: String) throws {
    let server = try LoopbackServer { _ in .reply(200, body) }
    let client = try Self.client(server.address)
    let error = #expect(throws: SibylError.self) { _ = try client.embeddings(of: ["text"]) }
    #expect(error?.message.contains("answered with") == true)
  }
}
