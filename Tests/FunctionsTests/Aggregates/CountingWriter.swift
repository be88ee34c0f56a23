import Diagnostics
import Functions
import Threads
import Tokenization

/// Stands in for a model: answers with how many numbers it was given and what they add up to, so that a row that was
/// left out, or read twice, shows in the answer.
final class CountingWriter: ConversationWriter {
  let tokenizer: BytePairTokenizer
  let contextLength: Int
  private let log = Guarded<[(conversations: [[ChatMessage]], tokens: Int)]>([])

  /// What was asked, call by call.
  var calls: [(conversations: [[ChatMessage]], tokens: Int)] { log.withLock { $0 } }

  init(contextLength: Int = 2_048) throws {
    tokenizer = try ByteTokenizer.make()
    self.contextLength = contextLength
  }

  func tokenCount(of conversation: [ChatMessage]) -> Int {
    conversation.reduce(8) { $0 + $1.content.utf8.count }
  }

  func write(
    _ conversations: [[ChatMessage]], maximumTokens: Int
  ) throws(SibylError) -> [Result<String?, SibylError>] {
    log.withLock { $0.append((conversations, maximumTokens)) }
    return conversations.map { conversation in
      let text = conversation.map(\.content).joined()
      if text.contains("broken") { return .failure(SibylError(.invalidArgument, "does not like that")) }
      if text.contains("nothing") { return .success(nil) }
      if text.contains("silent") { return .success(" ") }
      if text.contains("endless") { return .success("endless " + String(repeating: "word ", count: 100)) }
      // "n4;" is the number 4; "count=3 sum=9" is an answer to a part.
      let numbers = text.matches(of: #/n(\d+);/#).compactMap { Int($0.output.1) }
      let parts = text.matches(of: #/count=(\d+) sum=(\d+)/#)
      let count = numbers.count + parts.compactMap { Int($0.output.1) }.reduce(0, +)
      let sum = numbers.reduce(0, +) + parts.compactMap { Int($0.output.2) }.reduce(0, +)
      return .success("count=\(count) sum=\(sum)")
    }
  }

  func outcome(of fault: SibylError) -> Result<String?, SibylError> { .failure(fault) }
}
