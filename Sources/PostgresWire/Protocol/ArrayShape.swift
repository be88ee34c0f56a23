/// The rule that inner arrays of one array are all of one length.
enum ArrayShape {
  static let mismatch = WireError(
    .arrayShape, "multidimensional arrays must have array expressions with matching dimensions")

  static func agree(_ first: WireValue, _ other: WireValue) -> Bool {
    switch (first, other) {
    case (.array(let a), .array(let b)): a.count == b.count
    case (.array, _), (_, .array): false
    default: true
    }
  }
}
