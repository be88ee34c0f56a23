/// Booleans as text: what `boolin` takes.
enum BooleanText {
  static func parse(_ text: String) -> Bool? {
    var word = text.utf8.drop(while: ASCII.isSpace)
    while let last = word.last, ASCII.isSpace(last) { word.removeLast() }
    guard word.count <= 5 else { return nil }
    switch String(decoding: word.map(ASCII.lowercased), as: UTF8.self) {
    case "t", "tr", "tru", "true", "y", "ye", "yes", "on", "1": return true
    case "f", "fa", "fal", "fals", "false", "n", "no", "of", "off", "0": return false
    default: return nil
    }
  }
}
