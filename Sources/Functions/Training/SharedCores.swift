import Diagnostics
import Inference
import Models
import Tensor
import Threads

/// The engine's cores, for the length of one computation at a time, so that others get their turn in between.
final class SharedCores: Sendable {
  private let failure = Guarded<SibylError?>(nil)

  /// Written before and after the team runs it, on the caller's thread.
  private final class Work: @unchecked Sendable {
    var body: (@Sendable (Int) -> Void)?

    init(_ body: @escaping @Sendable (Int) -> Void) { self.body = body }
  }

  /// Why nothing is computed any more; nil while all is well.
  var fault: SibylError? { failure.withLock { $0 } }

  var executor: SliceExecutor {
    SliceExecutor { [self] count, body in
      let before = Workspace.setCoresPerProduct(1)
      defer { Workspace.setCoresPerProduct(before) }
      do throws(SibylError) {
        try InferenceEngine.shared.withTeam { team in
          if let team, count > 1 {
            // The team keeps what it ran last, which must not keep the rows of a training.
            let work = Work(body)
            defer { work.body = nil }
            team.run(parts: count) { part in work.body?(part) }
          } else {
            for part in 0..<count { body(part) }
          }
        }
      } catch {
        failure.withLock { $0 = error }
      }
    }
  }
}
