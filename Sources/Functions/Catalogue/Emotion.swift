import Diagnostics
import JSON
import Models

extension AIFunction {
  static let emotion = AIFunction(
    name: "ai_emotion",
    summary: "The emotion in a text: anger, joy, optimism or sadness.",
    details: """
      Read by a head over all layers of all-MiniLM-L6-v2 that was trained on tweets. One of the four is always the most \
      probable, also in text without emotion; options is a JSON object that says what then happens: "min_confidence" (0 \
      to 1; below it the answer is NULL) and "scores": true (a JSON object of each emotion's probability, the most \
      probable first). Text longer than \(BundledReading.tokensAtOnce) tokens is read in pieces, cut at sentence ends, \
      and their probabilities averaged. Blank text gives NULL. English.
      """,
    parameters: [
      .text("The text to judge."),
      .options { json throws(SibylError) in try PredictOptions(json) },
    ],
    returns: .text,
    examples: [
      Example("SELECT ai_emotion('Nobody answers my mails and they charged me twice!');", gives: "anger"),
      Example("SELECT ai_emotion('I miss my grandmother so much');", gives: "sadness"),
    ],
    isCached: true, model: BundledReading.model,
    fingerprint: { () throws(SibylError) in BundledClassifier.emotion.digest.abbreviated },
    finish: ConfidentAnswer.answer, confidence: ConfidentAnswer.confidence
  ) { (context, calls) throws(SibylError) in
    let reading = try BundledReading(.emotion, for: context.requireModel())
    let options = (calls.first?.decoded(1, as: PredictOptions.self) ?? PredictOptions()).classifyOptions
    return try reading.probabilities(of: calls.map { $0.text(0) }, context).map { probabilities in
      guard let probabilities else { return .success(.null) }
      let answer = ClassifyAnswer(reading.labels, probabilities)
      return .success(ConfidentAnswer.packed(answer.value(options), confidence: answer.confidence))
    }
  }
}
