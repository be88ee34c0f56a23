import Functions
import Threads

/// The fingerprints under which answers are kept in the database, as last computed.
///
/// Threads: any.
final class Fingerprints: Sendable {
  /// What answers of a function depend on, and since which change of the settings.
  struct Fingerprint: Hashable, Sendable {
    let bytes: [UInt8]
    let generation: Int
  }

  private struct State {
    var bytes: [String: [UInt8]] = [:]
    /// The settings' generation that the fingerprints belong to, and that of those in the database.
    var generation = -1
    var published = -1
  }

  private static let patienceMilliseconds = 2_000
  private let state = Monitor(State())

  /// The fingerprint of a function; nil where it is not known, as after a setting was changed.
  ///
  /// Whoever keeps an answer asks before and after computing it: where both are the same, it belongs to the answer.
  subscript(function: String) -> Fingerprint? {
    state.withLock { state in
      guard state.generation == Settings.shared.generation else { return nil }
      return state.bytes[function].map { Fingerprint(bytes: $0, generation: state.generation) }
    }
  }

  /// Computes them anew.
  /// - Returns: all of them, where any has changed; otherwise nil.
  func refresh() -> [(function: String, fingerprint: [UInt8])]? {
    let generation = Settings.shared.generation
    var found: [String: [UInt8]] = [:]
    for function in Catalogue.cachedFunctions {
      found[function.name] = function.stateDigest()
    }
    let isNew = state.withLock { state in
      defer {
        state.bytes = found
        state.generation = generation
      }
      return state.bytes != found
    }
    return isNew ? all : nil
  }

  var all: [(function: String, fingerprint: [UInt8])] {
    state.withLock { $0.bytes }.sorted { $0.key < $1.key }.map { (function: $0.key, fingerprint: $0.value) }
  }

  // MARK: - In the database

  /// Whether a setting was changed since the database heard of the fingerprints.
  var isStale: Bool { state.withLock { $0.published != Settings.shared.generation } }

  /// The database has heard of them.
  func notePublished() { state.signal { $0.published = $0.generation } }

  /// Waits, for two seconds at most, until the database has heard of a setting that was changed, so that the next
  /// statement finds no answer from before.
  func waitUntilPublished() {
    _ = state.wait(milliseconds: Self.patienceMilliseconds) { state -> Bool? in
      state.published == Settings.shared.generation ? true : nil
    }
  }
}
