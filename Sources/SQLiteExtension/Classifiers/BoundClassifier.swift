import CSQLite
import Functions

/// Which classifier the call under way asks.
///
/// The first row of a statement looks into the table; the others are answered by the same classifier, which SQLite keeps
/// for us with the call's constant argument, from the first row to the statement's end
/// (https://www.sqlite.org/c3ref/get_auxdata.html). So a statement sees one state, and the next one whatever the
/// table holds by then, transactions and rollbacks included.
///
/// Used on the connection's thread only.
final class BoundClassifier {
  private final class Kept {
    let classifier: Classifier
    let generation: Int

    init(_ classifier: Classifier, _ generation: Int) {
      self.classifier = classifier
      self.generation = generation
    }
  }

  private(set) var classifier: Classifier?
  private var isKept = false
  /// Goes up when a classifier is stored: the statement may itself have done so.
  private var generation = 0

  /// A call begins.
  ///
  /// - Parameter argument: the one that names the classifier.
  func begin(_ context: OpaquePointer, argument: Int) {
    classifier = nil
    isKept = false
    guard let pointer = csqlite_get_auxdata(context, Int32(argument)) else { return }
    let kept = Unmanaged<Kept>.fromOpaque(pointer).takeUnretainedValue()
    guard kept.generation == generation else { return }
    classifier = kept.classifier
    isKept = true
  }

  /// The call is given a classifier that was looked up.
  func bind(_ classifier: Classifier) {
    self.classifier = classifier
    isKept = false
  }

  /// The call ends.
  func end(_ context: OpaquePointer, argument: Int) {
    defer { classifier = nil }
    guard let classifier, !isKept else { return }
    let kept = Unmanaged.passRetained(Kept(classifier, generation))
    // SQLite calls the destructor in any case, at once where the argument is not constant.
    csqlite_set_auxdata(context, Int32(argument), kept.toOpaque()) { pointer in
      if let pointer { Unmanaged<Kept>.fromOpaque(pointer).release() }
    }
  }

  /// A classifier was stored: what is kept may be out of date.
  func invalidate() {
    generation += 1
    classifier = nil
  }
}
