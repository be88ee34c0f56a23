/// The format codes of a Bind message for a row of values: none (all text), one for all, or one each.
package enum FormatCodes: Hashable, Sendable {
  case all(FormatCode)
  case each([FormatCode])

  subscript(place: Int) -> FormatCode {
    switch self {
    case .all(let code): code
    case .each(let codes): codes.indices.contains(place) ? codes[place] : .text
    }
  }

  /// Whether the codes can stand for so many values.
  func fits(_ count: Int) -> Bool {
    switch self {
    case .all: true
    case .each(let codes): codes.count == count
    }
  }

  var count: Int {
    switch self {
    case .all: 1
    case .each(let codes): codes.count
    }
  }
}
