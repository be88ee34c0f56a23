import Diagnostics
import Tokenization

extension AITable {
  static let chunk = AITable(
    name: "ai_chunk",
    summary: "Cuts a text into chunks of at most so many tokens, at the ends of sentences.",
    details: """
      Whole sentences where they fit; a longer sentence is cut behind punctuation or between words, a longer \
      word between its tokens. start and length count characters, so that substr(text, start, length) is the \
      chunk; white space between chunks belongs to none. With an overlap, a chunk begins with the last words \
      of the one before, as many as fit in that number of tokens. Tokens are those of the default embedding \
      model, without the two marks that it adds.
      """,
    parameters: [
      .text("The text to cut."),
      Parameter(
        "max_tokens", .integer,
        "The most tokens of a chunk; by default \(defaultMaximumTokens), what the default model reads at once.",
        default: .integer(Int64(defaultMaximumTokens)), expected: expectedTokens),
      Parameter(
        "overlap", .integer,
        "How many tokens at the end of a chunk may come again in the next, by default 0.",
        default: .integer(0), expected: expectedOverlap),
    ],
    columns: [
      Column("position", .integer, "The chunk's number, from 0."),
      Column("text", .text, "The chunk."),
      Column("start", .integer, "The position of its first character in the text, from 1."),
      Column("length", .integer, "The number of its characters."),
    ],
    examples: [
      Example(
        "SELECT position, text, start, length FROM ai_chunk('It broke. I want a refund! Who can help?', 8);",
        gives: "0|It broke.|1|9\n1|I want a refund!|11|16\n2|Who can help?|28|13")
    ],
    model: .embedding
  ) { (context, call) throws(SibylError) in
    let maximum = call.integer(1) ?? Int64(defaultMaximumTokens)
    guard maximum >= Int64(TextChunker.leastTokens) else {
      throw context.argumentError(1, "must be \(expectedTokens); got \(maximum)")
    }
    let overlap = call.integer(2) ?? 0
    guard overlap >= 0, overlap <= maximum / 2 else {
      throw context.argumentError(2, "must be \(expectedOverlap) (\(maximum / 2)); got \(overlap)")
    }
    let chunker = try TextChunker(
      tokenizer: try context.tokenizer(), maximumTokens: Int(maximum), overlap: Int(overlap))
    return chunker.chunks(of: call.text(0)).map { chunk in
      [
        .integer(Int64(chunk.position)), .text(chunk.text), .integer(Int64(chunk.start)),
        .integer(Int64(chunk.length)),
      ]
    }
  }

  /// The window of the default model, 256 tokens, less the two marks that it adds.
  private static let defaultMaximumTokens = 254
  private static let expectedTokens = "a whole number of at least \(TextChunker.leastTokens)"
  private static let expectedOverlap = "a whole number from 0 to half of max_tokens"
}
