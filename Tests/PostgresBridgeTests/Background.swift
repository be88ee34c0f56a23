import Foundation

/// A closure on a thread of its own. Swift's concurrency has as many threads as the machine has cores, and
/// tests that wait for a server block them.
final class Background<Answer: Sendable>: @unchecked Sendable {
  private let isDone = DispatchSemaphore(value: 0)
  // Written before the semaphore is signalled, read after it was waited for.
  private var answer: Answer?

  init(_ body: @escaping @Sendable () -> Answer) {
    Thread { [self] in
      answer = body()
      isDone.signal()
    }.start()
  }

  /// The closure's answer, once it has returned.
  func wait() -> Answer? {
    isDone.wait()
    isDone.signal()
    return answer
  }
}
