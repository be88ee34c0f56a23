import Diagnostics
import Inference
import Models
import Tensor

/// Chooses the texts whose labels would teach a classifier the most: uncertain ones, and no two alike.
///
/// Uncertainty is one minus the margin between the two most probable labels (Scheffer, Decomain and Wrobel 2001).
/// Diversity is had as in k-center greedy (Sener and Savarese 2018): of the most uncertain texts the one is taken next
/// whose distance to the nearest one taken, times its uncertainty, is largest. The distance is one minus the cosine of
/// their embeddings, which are the classifier's own last layer pools. Free of chance: equal ones go by their text.
struct ReviewSelection {
  private struct Candidate {
    let text: String
    let id: Value
    let label: Int
    let other: Int
    let confidence: Float
    let margin: Float
    let embedding: [Float]
  }

  private static let textsAtOnce = 2_048
  /// So many candidates a text that is asked for are compared, within bounds.
  private static let candidatesPerText = 20
  private static let candidateBounds = 200...10_000

  private let classifier: Classifier
  private let context: CallContext
  private let count: Int
  private let candidateLimit: Int
  /// Texts that were seen or are known.
  private var seen: Set<[UInt8]> = []
  private var waiting: [(text: String, id: Value)] = []
  private var candidates: [Candidate] = []

  init(_ classifier: Classifier, count: Int, context: CallContext) {
    self.classifier = classifier
    self.count = count
    self.context = context
    let wanted = count * Self.candidatesPerText
    candidateLimit = min(
      max(wanted, Self.candidateBounds.lowerBound), max(Self.candidateBounds.upperBound, count))
  }

  /// Texts whose label is known.
  mutating func leaveOut(_ texts: [String]) {
    for text in texts { seen.insert(Array(text.utf8)) }
  }

  /// - Throws: `invalidArgument`, as it is told after the argument's name.
  mutating func add(_ value: Value, id: Value) throws(SibylError) {
    if value.isNull { return }
    guard let text = value.castText else {
      throw SibylError(.invalidArgument, "must give text in its first column; it gives a blob")
    }
    guard !text.isBlank, seen.insert(Array(text.utf8)).inserted else { return }
    waiting.append((text, id))
    if waiting.count == Self.textsAtOnce { try judge() }
  }

  /// The rows of the answer, the most telling first.
  mutating func chosen() throws(SibylError) -> [AITable.Row] {
    try judge()
    keepMostUncertain(candidateLimit)
    return try spread().map { candidate in
      [
        .text(candidate.text), candidate.id, .text(classifier.labels[candidate.label]),
        .real(Self.rounded(candidate.confidence)), .text(classifier.labels[candidate.other]),
        .real(Self.rounded(candidate.margin)),
      ]
    }
  }

  private mutating func judge() throws(SibylError) {
    guard !waiting.isEmpty else { return }
    let (probabilities, pools) = try classifier.model.read(waiting.map(\.text), context)
    let width = try context.requireModel().manifest.dimensions ?? pools.dimensions
    for (position, (text, id)) in waiting.enumerated() {
      let row = probabilities[position]
      guard row.count >= 2 else { continue }
      var (first, second) = row[1] > row[0] ? (1, 0) : (0, 1)
      for label in row.indices.dropFirst(2) {
        if row[label] > row[first] {
          (first, second) = (label, first)
        } else if row[label] > row[second] {
          second = label
        }
      }
      candidates.append(
        Candidate(
          text: text, id: id, label: first, other: second, confidence: row[first],
          margin: row[first] - row[second], embedding: Array(pools[position].suffix(width))))
    }
    waiting = []
    if candidates.count > 2 * candidateLimit { keepMostUncertain(candidateLimit) }
  }

  private mutating func keepMostUncertain(_ limit: Int) {
    candidates.sort { a, b in
      if a.margin != b.margin { return a.margin < b.margin }
      return a.text.utf8.lexicographicallyPrecedes(b.text.utf8)
    }
    candidates.removeLast(max(0, candidates.count - limit))
  }

  /// Takes texts one by one, each far from those before it.
  private func spread() throws(SibylError) -> [Candidate] {
    var taken: [Candidate] = []
    var distances = [Float](repeating: 2, count: candidates.count)
    while taken.count < min(count, candidates.count) {
      if context.host.isCancelled?() == true { throw SibylError(.cancelled, "the query was cancelled") }
      var best: (index: Int, gain: Float)?
      for index in candidates.indices where distances[index] >= 0 {
        let gain = (1 - candidates[index].margin) * distances[index]
        if gain > best?.gain ?? -1 { best = (index, gain) }
      }
      guard let best else { break }
      let next = candidates[best.index]
      taken.append(next)
      distances[best.index] = -1
      for index in candidates.indices where distances[index] >= 0 {
        let product = candidates[index].embedding.withUnsafeBufferPointer { a in
          next.embedding.withUnsafeBufferPointer { b in VectorMath.dotDouble(a, b) }
        }
        distances[index] = min(distances[index], Float(max(0, 1 - product)))
      }
    }
    return taken
  }

  private static func rounded(_ number: Float) -> Double { (Double(number) * 10_000).rounded() / 10_000 }
}
