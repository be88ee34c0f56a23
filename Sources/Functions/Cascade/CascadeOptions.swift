import Diagnostics
import JSON

/// The option "cascade": a small model answers what it is sure of, the rest goes to a large one.
struct CascadeOptions: Hashable, Sendable {
  /// The large model's name.
  let target: String
  /// The share of all rows whose answer is to be the large model's.
  let agreement: Double
  /// Rows that both models answer by chance, with which the learning begins; nil for a number that fits the query.
  let sampleCount: Int?

  static let documentation = """
    "cascade": {"to": a decoder's name, "target": 0.95} lets the encoder answer what it is sure of and sends the rest \
    to the decoder. From what the decoder answers, first a sample of the query's texts ("sample": how many; by default \
    5% of them, \(Cascade.sampleRange.lowerBound) to \(Cascade.sampleRange.upperBound)) and then those that the \
    encoder is least sure of, the encoder learns the decoder's ways, and how sure it must be for that share of all \
    answers to be the decoder's. That takes many texts at once: ai_prefetch, sibyl run or a long array, without \
    "max_calls"; a text that comes alone, or among fewer than \(Cascade.leastTexts), goes to the decoder. \
    ai_cascades() tells how many rows went where.
    """

  private static let names = ["to", "target", "sample"]
  static let expected = "an object {\"to\": a model's name, \"target\": a share from 0.5 to 0.999}"

  /// - Throws: what is wrong with the option, as it is told after the argument's name.
  init(_ json: JSON) throws(SibylError) {
    guard case .object(let object) = json, let target = object["to"]?.stringValue, !target.isBlank else {
      throw OptionMembers.fault("cascade", Self.expected, json)
    }
    let members = try OptionMembers(json, names: Self.names)
    self.target = target
    agreement =
      try members.number("target", "a share from 0.5 to 0.999") { $0 >= 0.5 && $0 <= 0.999 } ?? 0.95
    sampleCount = try members.integer("sample", in: Cascade.leastSample...2_000)
  }
}
