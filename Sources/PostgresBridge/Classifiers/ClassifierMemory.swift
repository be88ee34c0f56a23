import Diagnostics
import Functions
import Threads

/// The classifiers that the database has sent, in memory. One that is not here is asked for again.
///
/// Threads: any.
final class ClassifierMemory: Sendable {
  private struct Entry {
    let classifier: Classifier
    let bytes: Int
  }

  private static let mostBytes = 512 << 20

  /// Those used last come last.
  private let entries = Guarded<[Entry]>([])

  func classifier(named name: String, digest: String) -> Classifier? {
    entries.withLock { entries in
      guard
        let position = entries.lastIndex(where: {
          $0.classifier.digest == digest && $0.classifier.name.utf8.elementsEqual(name.utf8)
        })
      else { return nil }
      if position < entries.count - 1 { entries.append(entries.remove(at: position)) }
      return entries.last?.classifier
    }
  }

  /// - Throws: `corruptFile` where it is damaged.
  func keep(_ stored: StoredClassifier) throws(SibylError) {
    let entry = Entry(classifier: try Classifier(stored), bytes: stored.weights?.count ?? 0)
    entries.withLock { entries in
      entries.removeAll {
        $0.classifier.name.utf8.elementsEqual(stored.name.utf8) && $0.classifier.digest == stored.digest
      }
      entries.append(entry)
      var bytes = entries.reduce(0) { $0 + $1.bytes }
      while bytes > Self.mostBytes, entries.count > 1 { bytes -= entries.removeFirst().bytes }
    }
  }
}
