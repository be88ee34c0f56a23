import Diagnostics
import ModelFiles

/// Texts of a query for a large model to label: those with the smallest digests, which is as good as chance, needs no
/// second pass, and comes out the same whatever the order of the rows.
///
/// Holds the sample's texts, and 16 bytes for each other one.
struct DistillationSample {
  private let wanted: Int
  private let seed: UInt64
  private var names: Set<UInt128> = []
  private var nearest: [(name: UInt128, text: String)] = []
  /// Rows whose text was NULL or blank: there is nothing to label.
  private(set) var blankCount = 0

  init(count: Int, seed: UInt64) {
    wanted = count
    self.seed = seed
  }

  /// Different texts so far.
  var distinctCount: Int { names.count }

  /// - Throws: `invalidArgument`, as it is told after the argument's name.
  mutating func add(_ value: Value) throws(SibylError) {
    guard let text = value.isNull ? "" : value.castText else {
      throw SibylError(.invalidArgument, "must give text; it gives a blob")
    }
    guard !text.isBlank else {
      blankCount += 1
      return
    }
    let name = name(of: text)
    guard names.insert(name).inserted else { return }
    nearest.append((name, text))
    if nearest.count >= 2 * wanted + 1_024 { keepNearest() }
  }

  /// The texts to label, in an order of their own.
  var texts: [String] { nearest.prefix(wanted).map(\.text) }

  /// No more rows follow.
  ///
  /// - Throws: `invalidArgument` where none had a text, as it is told after the argument's name.
  mutating func end() throws(SibylError) {
    keepNearest()
    guard nearest.isEmpty else { return }
    throw SibylError(
      .invalidArgument,
      "must give texts; " + (blankCount > 0 ? "all its \(blankCount) rows are blank" : "it gives no rows"))
  }

  private mutating func keepNearest() {
    nearest.sort { $0.name < $1.name }
    nearest.removeLast(max(0, nearest.count - wanted))
  }

  private func name(of text: String) -> UInt128 {
    var bytes = withUnsafeBytes(of: seed.littleEndian) { Array($0) }
    bytes += text.utf8
    return Digest(of: bytes).bytes.prefix(16).reduce(0) { $0 << 8 | UInt128($1) }
  }
}
