import JSON
import Models

/// How many rows a cascade answered with which model, and how often that is the large one's answer.
public struct CascadeReport: Sendable, Hashable {
  public let function: String
  /// The encoder.
  public let model: String
  /// The decoder.
  public let target: String
  /// The share of rows that was asked to have the decoder's answer.
  public let asked: Double
  /// The labels or the condition.
  public let question: String
  /// How sure the encoder must be; nil before there is a sample.
  public let threshold: Double?
  /// Rows that both answered.
  public let sample: Int
  /// Different calls that this process answered with the encoder.
  public internal(set) var kept = 0
  /// … and with the decoder, those of the sample among them.
  public internal(set) var sent = 0
  /// Of what the encoder answers.
  private let disagreement: ShareInterval?

  init(
    function: String, model: String, _ options: CascadeOptions, _ question: [String], _ route: CascadeRoute?
  ) {
    self.function = function
    self.model = model
    target = options.target
    asked = options.agreement
    self.question = question.joined(separator: " ")
    threshold = route.map { Double($0.threshold) }
    sample = route?.sample.count ?? 0
    disagreement = route?.disagreement
  }

  /// The share of all those answers that are the decoder's, with its 95% interval: what the decoder answered is,
  /// and of the rest as many as to expect by how sure the encoder was of each, which was measured on the decoder's
  /// rows by heads that had not seen them.
  public var agreement: ShareInterval {
    guard let disagreement, kept + sent > 0 else { return ShareInterval(share: 1, low: 1, high: 1) }
    let others = Double(kept) / Double(kept + sent)
    return ShareInterval(
      share: 1 - others * disagreement.share, low: 1 - others * disagreement.high,
      high: 1 - others * disagreement.low)
  }

  /// What happened since an earlier report on the same cascade.
  func since(_ earlier: CascadeReport?) -> CascadeReport {
    var difference = self
    difference.kept -= earlier?.kept ?? 0
    difference.sent -= earlier?.sent ?? 0
    return difference
  }

  public var json: JSON {
    func rounded(_ value: Double) -> JSON { .number((value * 10_000).rounded() / 10_000) }
    return [
      "function": .string(function), "model": .string(model), "to": .string(target),
      "target": .number(asked), "threshold": threshold.map(rounded) ?? .null,
      "sample": .integer(Int64(sample)), "kept": .integer(Int64(kept)), "sent": .integer(Int64(sent)),
      "agreement": rounded(agreement.share),
      "agreement_interval": .array([rounded(agreement.low), rounded(agreement.high)]),
    ]
  }

  /// `ai_classify: minilm answered 1,012 rows, smollm2 988; 95.1% agreement (91.9 to 97.1), 95.0% asked`
  public var line: String {
    func percent(_ share: Double) -> String {
      let tenths = Int((share * 1_000).rounded())
      return "\(tenths / 10).\(tenths % 10)"
    }
    let counts = "\(function): \(model) answered \(kept) rows, \(target) \(sent)"
    guard threshold != nil else { return counts + ", since there was no sample to learn from" }
    return
      "\(counts), of which \(sample) to learn from; \(percent(agreement.share))% agreement "
      + "(\(percent(agreement.low)) to \(percent(agreement.high))), \(percent(asked))% asked"
  }
}

/// Which cascades a job uses: what is counted between two looks.
public struct CascadeWatch {
  private let before = CascadeRoutes.shared.reportsByKey

  public init() {}

  /// The cascades that answered something since the watch was made.
  public var reports: [CascadeReport] {
    let now = CascadeRoutes.shared.reportsByKey
    return now.compactMap { key, report in
      let difference = report.since(before[key])
      return difference.kept + difference.sent > 0 ? difference : nil
    }.sorted { ($0.function, $0.question) < ($1.function, $1.question) }
  }
}
