import Functions
import Threads

/// The fingerprints under which answers are kept in the database, as last computed.
///
/// Threads: any.
final class Fingerprints: Sendable {
  private let current = Guarded<[String: [UInt8]]>([:])

  /// The fingerprint of a function; nil before the first `refresh`, when nothing is kept.
  subscript(function: String) -> [UInt8]? { current.withLock { $0[function] } }

  /// Computes them anew.
  /// - Returns: all of them, where any has changed; otherwise nil.
  func refresh() -> [(function: String, fingerprint: [UInt8])]? {
    var found: [String: [UInt8]] = [:]
    for function in Catalogue.functions where function.isCached {
      found[function.name] = function.stateDigest()
    }
    let isNew = current.withLock { current in
      defer { current = found }
      return current != found
    }
    return isNew ? all : nil
  }

  var all: [(function: String, fingerprint: [UInt8])] {
    current.withLock { $0 }.sorted { $0.key < $1.key }.map { (function: $0.key, fingerprint: $0.value) }
  }
}
