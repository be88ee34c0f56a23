/// A row that ai_search found.
public struct SearchMatch: Hashable, Sendable {
  public let rowid: Int64
  /// The cosine of the row's embedding and the query's, from -1 to 1.
  public let score: Double

  public init(rowid: Int64, score: Double) {
    self.rowid = rowid
    self.score = score
  }
}
