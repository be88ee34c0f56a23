import Diagnostics
import Inference
import ModelFiles
import Models
import Tokenization

/// What the sentiment functions share: one reading a text, computed once and kept under one name, told as a
/// word by `ai_sentiment` and as a number by `ai_sentiment_score`.
enum SentimentReading {
  static let cacheName = "sentiment"
  /// The head was trained on this encoder's layers, whatever the default embedding model is.
  static let model = ModelUse.fixed(ModelCatalogue.defaultEncoder)

  /// A new head gives other answers, so its bytes are part of the cache keys.
  static func fingerprint() throws(SibylError) -> String { try headDigest.get() }

  private static let headDigest: Result<String, SibylError> = {
    do throws(SibylError) {
      return .success(Digest(of: try DefaultHeads.sentiment().file.bytes()).abbreviated)
    } catch { return .failure(error) }
  }()

  /// Tokens that are read at once. The head learnt from sentences and short posts; in one vector over more
  /// text, moods blur into neutral (a clear complaint written twenty times scored -0.1, once -0.7). So longer
  /// text is cut at sentence ends, and its reading is the mean of its pieces', weighted by their tokens.
  static let tokensAtOnce = 48
  /// Text of at most so many bytes is one piece, whatever it holds: a token has at least one byte.
  private static let bytesAtOnce = tokensAtOnce

  /// A blob of three float32 (negative, neutral, positive) a text; NULL for blank text, which has no mood.
  static let implementation: AIFunction.Implementation = { (context, calls) throws(SibylError) in
    let head = try DefaultHeads.sentiment()
    let model = try context.requireModel()
    guard head.file.encoder == model.digest.hexadecimal else {
      throw SibylError(
        .corruptFile,
        "the sentiment head reads the vectors of another model than the installed \"\(model.name)\"; "
          + "run: sibyl models pull \(model.name) --force")
    }
    let chunker = try TextChunker(tokenizer: context.tokenizer(), maximumTokens: tokensAtOnce)
    var pieces: [(call: Int, weight: Float)] = []
    var texts: [String] = []
    for call in calls.indices where !calls[call].text(0).isBlank {
      let text = calls[call].text(0)
      let chunks = text.utf8.count > bytesAtOnce ? chunker.chunks(of: text) : []
      if chunks.count < 2 {
        pieces.append((call, 1))
        texts.append(text)
      } else {
        pieces += chunks.map { (call, Float(max($0.tokenCount, 1))) }
        texts += chunks.map(\.text)
      }
    }

    let pools = try context.encode(texts, .layerPools)
    var sums = [Float](repeating: 0, count: calls.count * 3)
    var weights = [Float](repeating: 0, count: calls.count)
    try pools.values.withUnsafeBufferPointer { values throws(SibylError) in
      for (row, piece) in pieces.enumerated() {
        let reading = try head.read(
          UnsafeBufferPointer(
            rebasing: values[(row * pools.dimensions)..<((row + 1) * pools.dimensions)]))
        sums[piece.call * 3] += piece.weight * reading.negative
        sums[piece.call * 3 + 1] += piece.weight * reading.neutral
        sums[piece.call * 3 + 2] += piece.weight * reading.positive
        weights[piece.call] += piece.weight
      }
    }
    return calls.indices.map { call in
      guard weights[call] > 0 else { return .success(.null) }
      let mean = (0..<3).map { sums[call * 3 + $0] / weights[call] }
      return .success(.blob(Embedding(mean).blob))
    }
  }

  /// A text of which a user has told the mood.
  static let correction = Correction.ofFunction(
    "ai_sentiment", labels: SentimentLabel.allCases.map(\.description)
  ) { label, _ in
    let reading: [Float] = [SentimentLabel.negative, .neutral, .positive].map {
      $0.description == label ? 1 : 0
    }
    return .blob(Embedding(reading).blob)
  }

  /// The reading in a cached value; nil for NULL.
  static func decode(_ value: Value) -> SentimentHead.Reading? {
    guard case .blob(let bytes) = value, let numbers = try? Embedding(blob: bytes).values, numbers.count == 3
    else { return nil }
    return SentimentHead.Reading(negative: numbers[0], neutral: numbers[1], positive: numbers[2])
  }
}
