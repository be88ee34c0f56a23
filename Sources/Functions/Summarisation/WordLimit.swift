/// Keeps a summary to the number of words that was asked for.
enum WordLimit {
  /// The text as it is where it has no more words, otherwise up to the last sentence that fits, or, where not even one
  /// does, its first words with "…" behind them.
  static func cut(_ text: String, words limit: Int) -> String {
    let words = text.split(whereSeparator: \.isWhitespace)
    guard words.count > limit, let last = words.prefix(max(limit, 1)).last else { return text }
    let kept = text[..<last.endIndex]
    let end = kept.lastIndex { ".!?。！？".contains($0) }
    // A sentence that leaves most of the room unused tells less than a cut one.
    if let end, kept.distance(from: kept.startIndex, to: end) * 2 > kept.count {
      return String(kept[...end])
    }
    return kept + "…"
  }
}
