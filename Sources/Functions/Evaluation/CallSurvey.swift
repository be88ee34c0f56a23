import Diagnostics
import ModelFiles
import ResultCache

/// Takes the calls of a statement that have no answer yet, to say what computing them would cost: counts them, and
/// keeps a random sample of each function's.
///
/// The sample is the calls with the smallest keys. Keys are hashes, so it is as good as drawn by lot, takes one pass,
/// bounded memory, and comes out the same each time.
///
/// Owned by one thread at a time.
public final class CallSurvey {
  /// Calls of each function and model whose tokens are counted.
  static let sampleSize = 512

  /// The calls of one function on one model.
  struct Stratum {
    let function: AIFunction
    let model: SelectedModel?
    var calls = 0
    var bytes = 0
    /// A heap with the largest key first.
    var sample: [(key: UInt64, call: PreparedCall)] = []
    /// Where tokens are counted exactly.
    var tokens = 0
  }

  private struct Name: Hashable {
    let function: String
    let model: Digest?
  }

  private(set) var strata: [Stratum] = []
  private var positions: [Name: Int] = [:]
  private var counters: [TokenCounter?] = []
  let isExact: Bool

  /// - Parameter isExact: whether every call's tokens are counted as it comes by, instead of the sample's.
  public init(isExact: Bool) { self.isExact = isExact }

  /// Notes a call that was not seen before.
  func note(_ call: PreparedCall, _ key: CacheKey, of function: AIFunction) {
    // How many calls a cascade sends on is known afterwards: all of them is the most that it can cost.
    let position = position(function, call.further ?? call.model)
    strata[position].calls += 1
    strata[position].bytes += call.arguments.byteCount
    if isExact { strata[position].tokens += counters[position]?.tokens(of: call) ?? 0 }
    strata[position].keep(call, key.row)
  }

  /// What counts the tokens of a stratum; nil where no model reads them.
  func counter(at position: Int) -> TokenCounter? { counters[position] }

  private func position(_ function: AIFunction, _ model: SelectedModel?) -> Int {
    let name = Name(function: function.name, model: model?.digest)
    if let position = positions[name] { return position }
    strata.append(Stratum(function: function, model: model))
    counters.append(model.flatMap { TokenCounter(function, $0) })
    positions[name] = strata.count - 1
    return strata.count - 1
  }
}

extension CallSurvey.Stratum {
  fileprivate mutating func keep(_ call: PreparedCall, _ key: UInt64) {
    guard sample.count == CallSurvey.sampleSize else {
      sample.append((key, call))
      var child = sample.count - 1
      while child > 0, sample[(child - 1) / 2].key < sample[child].key {
        sample.swapAt(child, (child - 1) / 2)
        child = (child - 1) / 2
      }
      return
    }
    guard key < sample[0].key else { return }
    sample[0] = (key, call)
    var parent = 0
    while true {
      var largest = parent
      for child in [2 * parent + 1, 2 * parent + 2] where child < sample.count {
        if sample[child].key > sample[largest].key { largest = child }
      }
      if largest == parent { return }
      sample.swapAt(parent, largest)
      parent = largest
    }
  }
}
