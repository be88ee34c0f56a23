import Threads
import Training

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A line that says how far a training is:
///
/// ```
///  step 310 of 2,079 [====>              ] 15%  loss 0.412  held out 84.1%  9,300 tokens/s  2:41 left
/// ```
///
/// Drawn over itself where standard error is a terminal; elsewhere a line is written each time the held-out rows
/// were looked at.
struct TrainingProgressLine {
  private let isTerminal = isatty(2) != 0
  private var lastAccuracy: Double?
  private var isDrawn = false

  mutating func show(_ progress: FineTuningProgress) {
    if isTerminal {
      isDrawn = true
      write("\r" + Self.line(progress) + "\u{1B}[K")
    } else if progress.heldOutAccuracy != lastAccuracy {
      lastAccuracy = progress.heldOutAccuracy
      write(Self.line(progress) + "\n")
    }
  }

  /// Takes the line away, before anything else is written.
  mutating func clear() {
    guard isDrawn else { return }
    isDrawn = false
    write("\r\u{1B}[K")
  }

  static func line(_ progress: FineTuningProgress) -> String {
    let fraction = progress.steps > 0 ? min(1, Double(progress.step) / Double(progress.steps)) : 1
    let width = 20
    let filled = Int(fraction * Double(width))
    let bar =
      String(repeating: "=", count: filled) + (filled < width ? ">" : "")
      + String(repeating: " ", count: max(0, width - filled - 1))
    let thousandths = Int((min(max(progress.loss, 0), 99) * 1000).rounded())
    let decimals = String(String(1000 + thousandths % 1000).dropFirst())
    var text =
      " step \(NumberText.grouped(progress.step)) of \(NumberText.grouped(progress.steps)) [\(bar)] "
      + "\(Int(fraction * 100))%  loss \(thousandths / 1000).\(decimals)"
    if let accuracy = progress.heldOutAccuracy { text += "  held out \(percent(accuracy))" }
    text += "  \(NumberText.grouped(Int(progress.tokensPerSecond))) tokens/s"
    if progress.step < progress.steps { text += "  \(ProgressBar.duration(progress.secondsLeft)) left" }
    return text
  }

  static func percent(_ share: Double) -> String {
    let tenths = Int((min(max(share, 0), 1) * 1000).rounded())
    return "\(tenths / 10).\(tenths % 10)%"
  }

  private func write(_ text: String) {
    var text = text
    text.withUTF8 { bytes in
      #if canImport(Glibc)
        _ = Glibc.write(2, bytes.baseAddress, bytes.count)
      #else
        _ = Darwin.write(2, bytes.baseAddress, bytes.count)
      #endif
    }
  }
}
