import Diagnostics
import Functions
import Threads

/// The places from which the bridge calls functions, used again: one that has called a function before names the next
/// answer without looking everything up anew.
///
/// Threads: any; a call site is lent to one at a time.
final class CallSites: Sendable {
  // A call site goes from thread to thread, but only through the lock.
  private struct Loan: @unchecked Sendable { let site: CallSite }

  private let evaluator: Evaluator
  private let idle = Guarded<[String: [Loan]]>([:])

  init(_ evaluator: Evaluator) { self.evaluator = evaluator }

  /// Answers a batch of calls, in order.
  func answers(
    of function: AIFunction, _ calls: [[Value]], host: any FunctionHost
  ) -> [Result<Value, SibylError>] {
    let known = idle.withLock { $0[function.name]?.popLast() }
    let loan = known ?? Loan(site: CallSite(function, evaluator: evaluator))
    defer { idle.withLock { $0[function.name, default: []].append(loan) } }
    return loan.site.answers(calls, host: host)
  }
}
