import Diagnostics
import JSON
import ModelFiles
import Models

/// What a cascade has learnt from its sample: the small model's head, and how sure it must be to answer.
///
/// Kept in the result cache as JSON, so that later queries go the same ways.
struct CascadeRoute: Sendable {
  let head: MimicHead
  let threshold: Float
  /// The texts that both models answered, by the beginning of their digests; the large model's answer is theirs.
  let sample: Set<String>
  /// The share of what the head answers that the large model would have answered otherwise.
  let disagreement: ShareInterval

  init(head: MimicHead, threshold: CascadeThreshold, sample: Set<String>) {
    self.head = head
    self.threshold = threshold.threshold
    self.sample = sample
    disagreement = threshold.disagreement
  }

  /// What stands for a text in `sample`, and in whose order texts are sampled: as good as chance, and the same for
  /// any order of rows.
  static func name(of text: String) -> String { String(Digest(of: text.utf8).hexadecimal.prefix(16)) }

  var json: JSON {
    func numbers(_ floats: [Float]) -> JSON { .array(floats.map { .number(Double($0)) }) }
    return [
      "shifts": numbers(head.shifts), "weights": numbers(head.weights), "biases": numbers(head.biases),
      "threshold": .number(Double(threshold)), "sample": .array(sample.sorted().map(JSON.string)),
      "disagreement": .array([
        .number(disagreement.share), .number(disagreement.low), .number(disagreement.high),
      ]),
    ]
  }

  /// - Throws: `corruptFile` where the JSON is no route.
  init(_ json: JSON) throws(SibylError) {
    func numbers(_ name: String) -> [Float] {
      (json[name]?.arrayValue ?? []).compactMap { $0.numberValue.map { Float($0) } }
    }
    let interval = (json["disagreement"]?.arrayValue ?? []).compactMap(\.numberValue)
    guard let threshold = json["threshold"]?.numberValue, interval.count == 3,
      let names = json["sample"]?.arrayValue
    else { throw SibylError(.corruptFile, "a cascade's route is damaged; it will be made anew") }
    head = try MimicHead(
      shifts: numbers("shifts"), weights: numbers("weights"), biases: numbers("biases"))
    self.threshold = Float(threshold)
    sample = Set(names.compactMap(\.stringValue))
    disagreement = ShareInterval(share: interval[0], low: interval[1], high: interval[2])
  }
}
