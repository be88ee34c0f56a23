import Diagnostics

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Whether and how a stream shows colours.
package struct TerminalStyle: Sendable {
  package let hasColours: Bool

  package init(hasColours: Bool) {
    self.hasColours = hasColours
  }

  /// Colours only on a terminal, and not against the user's wish (https://no-color.org).
  package init(descriptor: Int32) {
    hasColours = isatty(descriptor) != 0 && Environment["NO_COLOR"] == nil && Environment["TERM"] != "dumb"
  }

  package func bold(_ text: String) -> String { paint(text, "1") }
  package func dim(_ text: String) -> String { paint(text, "2") }
  package func red(_ text: String) -> String { paint(text, "31") }
  package func green(_ text: String) -> String { paint(text, "32") }

  private func paint(_ text: String, _ code: String) -> String {
    hasColours ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
  }
}
