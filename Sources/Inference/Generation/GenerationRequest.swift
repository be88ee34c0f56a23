import Diagnostics
import Sampling
import Threads

/// One caller's wish to have texts written or choices judged, while it is under way.
///
/// Threads: made and awaited by the caller's thread; the decoder's thread reports to it through its monitor.
final class GenerationRequest: Sendable {
  /// What is asked about every prompt.
  enum Task: Sendable {
    case write(GenerationOptions)
    /// How probable each of these answers is.
    case judge(choices: [[Int32]])
  }

  /// What came of one prompt.
  enum Outcome: Sendable {
    case text(GeneratedText)
    case scores([Double])
  }

  let prompts: [[Int32]]
  let task: Task
  /// How many tokens all prompts begin with in common: the instruction, as a rule.
  let sharedCount: Int

  private struct Progress {
    var outcomes: [Result<Outcome, SibylError>?]
    var left: Int
    var isCancelled = false
  }
  private let progress: Monitor<Progress>

  init(prompts: [[Int32]], task: Task) {
    self.prompts = prompts
    self.task = task
    sharedCount = Self.sharedCount(prompts)
    progress = Monitor(Progress(outcomes: Array(repeating: nil, count: prompts.count), left: prompts.count))
  }

  /// A prompt's last token is never among those shared: the model has to read something to answer.
  private static func sharedCount(_ prompts: [[Int32]]) -> Int {
    guard prompts.count > 1, let first = prompts.first else { return 0 }
    var count = first.count
    for prompt in prompts {
      let common = zip(first.prefix(count), prompt).prefix { $0 == $1 }.count
      count = min(count, common, prompt.count - 1)
    }
    return max(count, 0)
  }

  var isCancelled: Bool { progress.withLock { $0.isCancelled } }

  func cancel() { progress.signal { $0.isCancelled = true } }

  func finish(_ prompt: Int, _ outcome: Result<Outcome, SibylError>) {
    progress.signal { progress in
      guard progress.outcomes[prompt] == nil else { return }
      progress.outcomes[prompt] = outcome
      progress.left -= 1
    }
  }

  /// Waits until every prompt has its outcome.
  ///
  /// - Parameter isCancelled: asked every few milliseconds on the caller's thread.
  /// - Returns: an outcome a prompt; those that were not done when the caller gave up failed with `.cancelled`.
  func wait(isCancelled: (() -> Bool)?) -> [Result<Outcome, SibylError>] {
    while true {
      let isDone: Bool? =
        isCancelled == nil
        ? progress.wait { $0.left == 0 ? true : nil }
        : progress.wait(milliseconds: 20) { $0.left == 0 ? true : nil }
      if isDone == true { break }
      if isCancelled?() == true { cancel() }
    }
    return progress.withLock { $0.outcomes }.map { $0 ?? .failure(Self.cancelled) }
  }

  static let cancelled = SibylError(.cancelled, "the query was cancelled")
}
