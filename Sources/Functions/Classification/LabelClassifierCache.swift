import Diagnostics
import ModelFiles
import Threads

/// The classifiers of the last label sets, in memory: a query asks for every row, and embedding the labels or
/// fitting the examples again would cost more than the row.
final class LabelClassifierCache: Sendable {
  static let shared = LabelClassifierCache()

  /// Classifiers that are kept; the one used longest ago goes first.
  static let capacity = 16

  /// Everything that a classifier depends on.
  struct Key: Hashable, Sendable {
    let model: Digest
    let labels: [LabelSet.Label]
    let examples: [ClassifyOptions.Example]

    // Swift's strings are equal across Unicode spellings; labels are answered as they were given, so the
    // spelling counts.
    static func == (a: Key, b: Key) -> Bool {
      a.model == b.model
        && a.labels.elementsEqual(b.labels) {
          isSame($0.name, $1.name) && isSame($0.description, $1.description)
        }
        && a.examples.elementsEqual(b.examples) { isSame($0.text, $1.text) && isSame($0.label, $1.label) }
    }

    private static func isSame(_ a: String?, _ b: String?) -> Bool {
      guard let a, let b else { return a == nil && b == nil }
      return a.utf8.elementsEqual(b.utf8)
    }
  }

  private struct Entry {
    let classifier: LabelClassifier
    var used: Int
  }

  private struct State {
    var entries: [Key: Entry] = [:]
    var clock = 0
  }

  private let state = Guarded(State())

  /// The classifier of a key; made where it is not there. Two threads that ask at once may both make it.
  func classifier(
    for key: Key, make: () throws(SibylError) -> LabelClassifier
  ) throws(SibylError) -> LabelClassifier {
    let found = state.withLock { state -> LabelClassifier? in
      state.clock += 1
      state.entries[key]?.used = state.clock
      return state.entries[key]?.classifier
    }
    if let found { return found }
    let made = try make()
    state.withLock { state in
      state.clock += 1
      state.entries[key] = Entry(classifier: made, used: state.clock)
      if state.entries.count > Self.capacity,
        let oldest = state.entries.min(by: { $0.value.used < $1.value.used })?.key
      {
        state.entries[oldest] = nil
      }
    }
    return made
  }
}
