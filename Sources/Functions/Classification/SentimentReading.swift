import Diagnostics
import Inference
import ModelFiles
import Models

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
    let judged = calls.indices.filter { !calls[$0].text(0).isBlank }
    var answers = [Result<Value, SibylError>](repeating: .success(.null), count: calls.count)
    let pools = try InferenceEngine.shared.encode(
      judged.map { calls[$0].text(0) }, model: model, output: .layerPools)
    try pools.values.withUnsafeBufferPointer { values throws(SibylError) in
      for (row, call) in judged.enumerated() {
        let features = UnsafeBufferPointer(
          rebasing: values[(row * pools.dimensions)..<((row + 1) * pools.dimensions)])
        let reading = try head.read(features)
        answers[call] = .success(
          .blob(Embedding([reading.negative, reading.neutral, reading.positive]).blob))
      }
    }
    return answers
  }

  /// The reading in a cached value; nil for NULL.
  static func decode(_ value: Value) -> SentimentHead.Reading? {
    guard case .blob(let bytes) = value, let numbers = try? Embedding(blob: bytes).values, numbers.count == 3
    else { return nil }
    return SentimentHead.Reading(negative: numbers[0], neutral: numbers[1], positive: numbers[2])
  }
}
