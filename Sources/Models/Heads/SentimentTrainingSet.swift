import Diagnostics

/// What the sentiment head learns from and is measured on: the features of texts from several sources, with
/// what people said of them.
public struct SentimentTrainingSet: Sendable {
  /// What is known of one text.
  public enum Annotation: Hashable, Sendable {
    /// Someone's choice among two or three moods.
    case label(SentimentLabel)
    /// The mean of many people's ratings, from -4 (most negative) to 4 (most positive).
    case score(Double)
  }

  /// One data set's rows, which lie together.
  public struct Source: Sendable {
    public let name: String
    public let rows: Range<Int>
  }

  public private(set) var features: FeatureMatrix
  public private(set) var annotations: [Annotation] = []
  public private(set) var sources: [Source] = []

  /// - Parameter featureCount: the width of every row, 2,304 for the pools of MiniLM's six layers.
  public init(featureCount: Int) {
    features = FeatureMatrix(columnCount: featureCount)
  }

  public mutating func reserveCapacity(rows: Int) {
    features.reserveCapacity(rows: rows)
  }

  /// Adds a data set.
  ///
  /// - Throws: `SibylError` when there is not one annotation a row, a source's name comes twice, or a score is
  ///   not a number from -4 to 4.
  public mutating func append(
    source name: String, features rows: FeatureMatrix, annotations: [Annotation]
  ) throws(SibylError) {
    guard rows.rowCount == annotations.count, rows.rowCount > 0 else {
      throw SibylError(
        .invalidArgument,
        "\(name): one annotation a row is needed: \(rows.rowCount) rows came with \(annotations.count)")
    }
    guard !sources.contains(where: { $0.name == name }) else {
      throw SibylError(.invalidArgument, "\(name): this source was added before")
    }
    for (row, annotation) in annotations.enumerated() {
      if case .score(let score) = annotation, !(abs(score) <= 4) {
        throw SibylError(
          .invalidArgument, "\(name): the score in row \(row + 1) must be a number from -4 to 4, not \(score)"
        )
      }
    }
    try features.append(contentsOf: rows)
    sources.append(Source(name: name, rows: self.annotations.count..<self.annotations.count + rows.rowCount))
    self.annotations += annotations
  }

  /// Some of the rows, each under its source.
  ///
  /// - Parameters:
  ///   - rows: ascending.
  ///   - others: other features of these rows, in their order; nil keeps their own.
  public func rows(_ rows: [Int], features others: FeatureMatrix? = nil) throws(SibylError)
    -> SentimentTrainingSet
  {
    var part = SentimentTrainingSet(featureCount: others?.columnCount ?? features.columnCount)
    for source in sources {
      var matrix = FeatureMatrix(columnCount: part.features.columnCount)
      var known: [Annotation] = []
      for (position, row) in rows.enumerated() where source.rows.contains(row) {
        try matrix.append(others.map { Array($0[row: position]) } ?? Array(features[row: row]))
        known.append(annotations[row])
      }
      if !known.isEmpty { try part.append(source: source.name, features: matrix, annotations: known) }
    }
    return part
  }
}
