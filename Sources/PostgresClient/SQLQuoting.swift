/// Writes names and texts so that they stand for themselves in SQL, whatever they hold.
public enum SQLQuoting {
  /// A quoted name: `"my ""table"""`.
  public static func identifier(_ name: String) -> String {
    doubling([UInt8(ascii: "\"")], in: name, between: "\"")
  }

  /// A quoted text: `'it''s'`, with the escape syntax where there are backslashes, so that it means the same
  /// under either setting of `standard_conforming_strings`.
  public static func literal(_ text: String) -> String {
    let quote = UInt8(ascii: "'")
    let backslash = UInt8(ascii: "\\")
    guard text.utf8.contains(backslash) else { return doubling([quote], in: text, between: "'") }
    return "E" + doubling([quote, backslash], in: text, between: "'")
  }

  // Byte by byte: a combining character behind a quotation mark would hide it in one Character.
  private static func doubling(_ marks: [UInt8], in text: String, between ends: String) -> String {
    var quoted = Array(ends.utf8)
    for byte in text.utf8 {
      if marks.contains(byte) { quoted.append(byte) }
      quoted.append(byte)
    }
    return String(decoding: quoted + ends.utf8, as: UTF8.self)
  }
}
