import Threads

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A line on the terminal that says how far a job is:
///
/// ```
///  45,120 of 100,000 rows [=========>          ] 45%  47,300 rows/s  12% cached  0:01 left
/// ```
///
/// It is drawn over itself at most ten times a second, on standard error, and only where that is a terminal.
package struct ProgressBar {
  /// What the line tells.
  package struct State: Equatable, Sendable {
    /// Rows that have their answer, among them the cached ones.
    package var done: Int
    /// Nil while the rows are still being read.
    package var total: Int?
    /// Rows whose answer was there before.
    package var cached: Int
    /// Rows computed since `seconds` began, and how long that took: the rate.
    package var computed: Int
    package var seconds: Double

    package init(done: Int, total: Int?, cached: Int, computed: Int, seconds: Double) {
      self.done = done
      self.total = total
      self.cached = cached
      self.computed = computed
      self.seconds = seconds
    }
  }

  private static let interval = 0.1

  private let isVisible: Bool
  private let style: TerminalStyle
  private var lastDrawn = -Double.infinity
  private var isDrawn = false

  package init(isVisible: Bool, style: TerminalStyle) {
    self.isVisible = isVisible
    self.style = style
  }

  /// Whether enough time has passed for `show` to draw; asking costs nothing where the bar is not visible.
  package var isDue: Bool {
    isVisible && MonotonicClock.seconds - lastDrawn >= Self.interval
  }

  package mutating func show(_ state: State) {
    guard isVisible else { return }
    lastDrawn = MonotonicClock.seconds
    isDrawn = true
    draw("\r" + Self.line(state, columns: Self.terminalColumns(), style: style) + "\u{1B}[K")
  }

  /// Takes the line away, before anything else is written.
  package mutating func clear() {
    guard isDrawn else { return }
    isDrawn = false
    draw("\r\u{1B}[K")
  }

  private func draw(_ text: String) {
    var text = text
    text.withUTF8 { bytes in
      _ = write(2, bytes.baseAddress, bytes.count)
    }
  }

  /// The line for a terminal of so many columns; what doesn't fit is left out, least important first.
  package static func line(_ state: State, columns: Int, style: TerminalStyle) -> String {
    guard let total = state.total else {
      return " reading: \(NumberText.grouped(state.done)) rows"
    }
    let fraction = total > 0 ? min(1, Double(state.done) / Double(total)) : 1
    let of = " of \(NumberText.grouped(total)) rows"
    let done = NumberText.grouped(state.done)
    // The line keeps its shape while the numbers grow.
    let count = String(repeating: " ", count: max(1, of.count - 8 - done.count)) + done + of

    var facts = "\(Int(fraction * 100))%"
    let rate = state.seconds > 0 ? Double(state.computed) / state.seconds : 0
    if rate > 0 { facts += "  \(NumberText.grouped(Int(rate.rounded()))) rows/s" }
    if state.done > 0 {
      facts += "  \(Int((Double(state.cached) / Double(state.done) * 100).rounded(.down)))% cached"
    }
    if rate > 0 && state.done < total {
      facts += "  \(duration(Double(total - state.done) / rate)) left"
    }

    let room = columns - count.count - max(facts.count, factsColumns) - 5
    guard room >= 10 else { return String((count + " " + facts).prefix(max(0, columns - 1))) }
    let width = min(room, 40)
    let filled = Int(fraction * Double(width))
    let bar =
      String(repeating: "=", count: filled) + (filled < width ? ">" : "")
      + String(repeating: " ", count: max(0, width - filled - 1))
    return "\(count) [\(style.green(bar))] \(facts)"
  }

  /// Room for the facts behind the bar: `100%  47,300 rows/s  12% cached  0:01 left`.
  private static let factsColumns = 43

  /// Minutes and seconds, or hours in front of them.
  package static func duration(_ seconds: Double) -> String {
    guard seconds.isFinite, seconds < 3.6e6 else { return "a long time" }
    let whole = Int(seconds.rounded(.up))
    let twoDigits = { (value: Int) in value < 10 ? "0\(value)" : "\(value)" }
    if whole >= 3600 { return "\(whole / 3600):\(twoDigits(whole / 60 % 60)):\(twoDigits(whole % 60))" }
    return "\(whole / 60):\(twoDigits(whole % 60))"
  }

  private static func terminalColumns() -> Int {
    var size = winsize()
    guard ioctl(2, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
    return Int(size.ws_col)
  }
}
