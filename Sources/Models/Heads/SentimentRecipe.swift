import Diagnostics

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// What the built-in sentiment classifier learns from each row, every choice a number that can be changed and measured.
///
/// All were chosen by five-fold cross-validation on the training rows, for what users paste (product reviews,
/// support tickets, short comments) and not for one data set: the mean of SST-2's two-way accuracy, the
/// tweets' macro recall, and the product reviews' macro recall, two-way accuracy and recall of clear cases.
/// That mean moves by less than a point between neighbours, so the numbers are round ones.
public struct SentimentRecipe: Sendable {
  /// How much the rows of a source count, by the source's name; other sources count 1. SST-2 counts three
  /// times because its rows say nothing about neutral, product reviews twice because they are what users
  /// have.
  public var sourceWeights: [String: Double] = ["sst2": 3, "product_reviews": 2, "tweets_intensity": 1.5]
  /// Scores from here up are positive, and from minus this down negative.
  public var scoreCut = 0.8
  /// How softly: a row's target passes from neutral to positive along a logistic curve of this width, since a
  /// mean of twenty ratings near the cut is no certain label. Against hard labels, product reviews' macro
  /// recall rises by 1.3 points and SST-2's accuracy by 0.2.
  public var scoreSoftness = 0.2
  /// The classes of a source are weighted to count alike (1), as they come (0), or between.
  public var classBalance = 1.0
  /// Tried by cross-validation; the weakest is taken whose score is the best or tied with it.
  public var l2Candidates = [0.04, 0.02, 0.01]
  /// Scores that differ by no more than this are tied: about half the standard error that so many rows leave.
  /// Among ties the weaker penalty is taken because the last fit has a quarter more rows than any fold's.
  public var tieTolerance = 0.0015
  public var foldCount = 5
  public var seed: UInt64 = 1
  /// The width of one layer's pool.
  public var blockWidth = 384

  public init() {}

  /// The training rows with targets, weights and exclusions, ready for the trainer.
  ///
  /// A source with no neutral label among its labels was annotated with two moods: its rows leave neutral out
  /// of their loss.
  public func trainingSet(_ set: SentimentTrainingSet) throws(SibylError) -> TrainingSet {
    let classCount = SentimentLabel.allCases.count
    var targets: [Float] = []
    var weights: [Float] = []
    var offsets: [Float] = []
    targets.reserveCapacity(set.annotations.count * classCount)
    for source in set.sources {
      let isTwoWay = Self.isTwoWay(set.annotations[source.rows])
      let rows = set.annotations[source.rows].map(target)
      var totals = [Double](repeating: 0, count: classCount)
      for row in rows { for index in 0..<classCount { totals[index] += row[index] } }
      let present = Double(totals.count { $0 > 0 })
      let factors = totals.map { total in
        total > 0 ? pow(Double(rows.count) / (present * total), classBalance) : 0
      }
      let sourceWeight = sourceWeights[source.name] ?? 1
      for row in rows {
        let balance = zip(row, factors).reduce(0) { $0 + $1.0 * $1.1 }
        weights.append(Float(balance * sourceWeight))
        targets += row.map { Float($0) }
        offsets += [0, isTwoWay ? -.infinity : 0, 0]
      }
    }
    return try TrainingSet(
      features: set.features, classNames: SentimentLabel.allCases.map(\.description), targets: targets,
      weights: weights, offsets: offsets)
  }

  /// Whether people could only choose between negative and positive.
  static func isTwoWay(_ annotations: some Sequence<SentimentTrainingSet.Annotation>) -> Bool {
    annotations.allSatisfy {
      if case .label(let label) = $0 { label != .neutral } else { false }
    }
  }

  /// The probabilities of negative, neutral and positive that an annotation stands for.
  func target(_ annotation: SentimentTrainingSet.Annotation) -> [Double] {
    switch annotation {
    case .label(let label):
      return SentimentLabel.allCases.map { $0 == label ? 1 : 0 }
    case .score(let score):
      let width = max(scoreSoftness, 1e-6)
      let negative = 1 / (1 + exp((scoreCut + score) / width))
      let positive = 1 / (1 + exp((scoreCut - score) / width))
      let neutral = max(0, 1 - negative - positive)
      let sum = negative + neutral + positive
      return [negative / sum, neutral / sum, positive / sum]
    }
  }

  /// The mood that an annotation counts as when a head is measured: hard cuts at `scoreCut`.
  func label(_ annotation: SentimentTrainingSet.Annotation) -> SentimentLabel {
    switch annotation {
    case .label(let label): label
    case .score(let score): score < -scoreCut ? .negative : score > scoreCut ? .positive : .neutral
    }
  }
}
