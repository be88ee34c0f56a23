import JSON

/// A `text[]` that the database sends as JSON, whose quoting is simpler than that of arrays.
enum JSONTexts {
  /// - Returns: nil where it is no array of texts.
  static func read(_ json: String?) -> [String]? {
    guard let json, let elements = try? JSON.parse(json).arrayValue else { return nil }
    let texts = elements.compactMap(\.stringValue)
    return texts.count == elements.count ? texts : nil
  }
}
