import Diagnostics
import Models
import Threads

/// One caller's wish to have texts encoded, while it is under way.
///
/// Threads: made and awaited by the caller's thread; workers report to it through its monitor.
final class EncodingRequest: Sendable {
  let encoder: LoadedEncoder
  let output: EncoderOutput

  private struct Progress {
    var windowsLeft = 0
    var error: SibylError?
    var isCancelled = false
  }
  private let progress = Monitor(Progress())

  init(encoder: LoadedEncoder, output: EncoderOutput) {
    self.encoder = encoder
    self.output = output
  }

  /// Whether its remaining windows need not be computed: it was cancelled, or it has failed already.
  var isMoot: Bool { progress.withLock { $0.isCancelled || $0.error != nil } }

  func expect(windows: Int) { progress.withLock { $0.windowsLeft += windows } }

  func finish(windows: Int, error: SibylError? = nil) {
    progress.signal { progress in
      progress.windowsLeft -= windows
      if progress.error == nil { progress.error = error }
    }
  }

  func cancel() { progress.signal { $0.isCancelled = true } }

  /// Waits until every expected window is done.
  ///
  /// - Parameter isCancelled: asked every few milliseconds on the caller's thread.
  func wait(isCancelled: (() -> Bool)?) throws(SibylError) {
    while true {
      let isDone: Bool? =
        isCancelled == nil
        ? progress.wait { $0.windowsLeft == 0 ? true : nil }
        : progress.wait(milliseconds: 20) { $0.windowsLeft == 0 ? true : nil }
      if isDone == true { break }
      if isCancelled?() == true { cancel() }
    }
    let (error, cancelled) = progress.withLock { ($0.error, $0.isCancelled) }
    if let error { throw error }
    if cancelled { throw SibylError(.cancelled, "the query was cancelled") }
  }
}
