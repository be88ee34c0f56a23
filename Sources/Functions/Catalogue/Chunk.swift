import Diagnostics

extension AITable {
  static let chunk = AITable(
    name: "ai_chunk",
    summary: "Cuts a text into chunks of at most so many tokens, at the ends of sentences.",
    details: """
      A sentence that is longer than a chunk is cut between words. A word is never cut: one that has more \
      tokens than max_tokens makes a chunk of its own. start and length count characters, so that \
      substr(text, start, length) is the chunk; white space between chunks belongs to none. With an overlap, a \
      chunk begins with the last sentences of the one before, as many as fit the overlap. Tokens are those of \
      the default embedding model.
      """,
    parameters: [
      .text("The text to cut."),
      Parameter(
        "max_tokens", .integer,
        "The most tokens of a chunk; by default \(defaultMaximumTokens), what the default model reads at once.",
        default: .integer(Int64(defaultMaximumTokens)), expected: "a whole number of at least 1"),
      Parameter(
        "overlap", .integer,
        "How many tokens at the end of a chunk may come again in the next, by default 0.",
        default: .integer(0), expected: "a whole number from 0 to max_tokens - 1"),
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
        gives: "0|It broke. I want|1|16")
    ],
    model: .embedding
  ) { (context, call) throws(SibylError) in
    let maximum = call.integer(1) ?? Int64(defaultMaximumTokens)
    guard maximum >= 1 else {
      throw context.argumentError(1, "must be a whole number of at least 1; got \(maximum)")
    }
    let overlap = call.integer(2) ?? 0
    guard overlap >= 0, overlap < maximum else {
      throw context.argumentError(
        2, "must be a whole number from 0 to max_tokens - 1 (\(maximum - 1)); got \(overlap)")
    }
    let tokenizer = try context.tokenizer()
    let chunker = TextChunker(
      maximumTokens: Int(maximum), overlap: Int(overlap),
      tokenize: { tokenizer.encodeWithOffsets($0, appendingTo: &$1) })
    return chunker.chunks(of: call.text(0)).enumerated().map { position, chunk in
      [
        .integer(Int64(position)), .text(chunk.text), .integer(Int64(chunk.start)),
        .integer(Int64(chunk.length)),
      ]
    }
  }

  /// The window of the default model, 256 tokens, less the two marks that it adds.
  private static let defaultMaximumTokens = 254
}
