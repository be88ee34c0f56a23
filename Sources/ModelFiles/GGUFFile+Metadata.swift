import Diagnostics

// Metadata, by key. Each reading comes in two forms: one that demands the key, and one that answers nil where
// the file has no such key. Both throw `corruptFile` where the value is of another kind.
extension GGUFFile {
  /// All metadata keys, sorted.
  public var metadataKeys: [String] { header.entries.keys.sorted() }

  public func hasMetadata(_ key: String) -> Bool { header.entries[key] != nil }

  /// Any metadata value; nil where there is none.
  public func metadata(_ key: String) -> GGUFValue? { header.value(of: key) }

  public func text(_ key: String) throws(SibylError) -> String {
    try required(key, textIfPresent(key))
  }

  public func textIfPresent(_ key: String) throws(SibylError) -> String? {
    try read(key, as: "a text") { value in
      if case .text(let text) = value { text } else { nil }
    }
  }

  /// A whole number of any integer type that fits.
  public func integer(_ key: String) throws(SibylError) -> Int {
    try required(key, integerIfPresent(key))
  }

  public func integerIfPresent(_ key: String) throws(SibylError) -> Int? {
    try read(key, as: "a whole number", \.integer)
  }

  /// A number of any type.
  public func number(_ key: String) throws(SibylError) -> Double {
    try required(key, numberIfPresent(key))
  }

  public func numberIfPresent(_ key: String) throws(SibylError) -> Double? {
    try read(key, as: "a number", \.number)
  }

  public func boolean(_ key: String) throws(SibylError) -> Bool {
    try required(key, booleanIfPresent(key))
  }

  public func booleanIfPresent(_ key: String) throws(SibylError) -> Bool? {
    try read(key, as: "true or false") { value in
      if case .boolean(let boolean) = value { boolean } else { nil }
    }
  }

  /// A list of texts.
  public func texts(_ key: String) throws(SibylError) -> GGUFTexts {
    try required(key, textsIfPresent(key))
  }

  public func textsIfPresent(_ key: String) throws(SibylError) -> GGUFTexts? {
    try list(key, as: "a list of texts", header.texts(of: key))
  }

  /// A list of whole numbers of any integer type.
  public func integers(_ key: String) throws(SibylError) -> [Int] {
    try required(key, integersIfPresent(key))
  }

  public func integersIfPresent(_ key: String) throws(SibylError) -> [Int]? {
    try list(key, as: "a list of whole numbers", header.integers(of: key))
  }

  /// A list of single-precision numbers.
  public func floats(_ key: String) throws(SibylError) -> [Float] {
    try required(key, floatsIfPresent(key))
  }

  public func floatsIfPresent(_ key: String) throws(SibylError) -> [Float]? {
    try list(key, as: "a list of single-precision numbers", header.floats(of: key))
  }

  private func required<Value>(_ key: String, _ value: Value?) throws(SibylError) -> Value {
    guard let value else {
      throw SibylError(.corruptFile, "\(path) lacks the metadata \(quoted(key))")
    }
    return value
  }

  private func read<Value>(
    _ key: String, as expected: String, _ convert: (GGUFValue) -> Value?
  ) throws(SibylError) -> Value? {
    guard let value = header.value(of: key) else { return nil }
    guard let converted = convert(value) else { throw wrongKind(key, value, expected) }
    return converted
  }

  private func list<Value>(
    _ key: String, as expected: String, _ value: Value?
  ) throws(SibylError) -> Value? {
    if let value { return value }
    guard let other = header.value(of: key) else { return nil }
    throw wrongKind(key, other, expected)
  }

  private func wrongKind(_ key: String, _ value: GGUFValue, _ expected: String) -> SibylError {
    SibylError(
      .corruptFile,
      "the metadata \(quoted(key)) of \(path) is \(value.typeDescription), where \(expected) is expected")
  }
}
