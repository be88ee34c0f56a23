import Diagnostics
import Threads

/// The first error of work that several threads share.
///
/// Threads: any.
package final class Failure: Sendable {
  private let first = Guarded<SibylError?>(nil)

  package init() {}

  package func catching(_ body: () throws(SibylError) -> Void) {
    do throws(SibylError) { try body() } catch {
      first.withLock { if $0 == nil { $0 = error } }
    }
  }

  package func rethrow() throws(SibylError) {
    if let error = first.withLock({ $0 }) { throw error }
  }
}
