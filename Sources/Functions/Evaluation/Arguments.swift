/// The checked arguments of one call: one a parameter, defaults filled in, JSON decoded.
public struct Arguments: Sendable {
  /// One value a parameter; a JSON argument as its canonical text.
  public let values: [Value]
  /// One entry a parameter where the function has parameters of JSON, otherwise empty.
  let decoded: [DecodedJSON?]

  init(values: [Value], decoded: [DecodedJSON?] = []) {
    self.values = values
    self.decoded = decoded
  }

  public subscript(position: Int) -> Value {
    values.indices.contains(position) ? values[position] : .null
  }

  /// The text of a required text parameter.
  package func text(_ position: Int) -> String { optionalText(position) ?? "" }

  /// The text of an optional text parameter; nil where its default is NULL and nothing was given.
  package func optionalText(_ position: Int) -> String? {
    guard case .text(let text) = self[position] else { return nil }
    return text
  }

  /// The texts of a group; none where the argument is no `TextList`.
  package func texts(_ position: Int) -> [String] { TextList(self[position])?.texts ?? [] }

  /// The number of an integer parameter; nil where its default is NULL and nothing was given.
  package func integer(_ position: Int) -> Int64? {
    guard case .integer(let integer) = self[position] else { return nil }
    return integer
  }

  /// What a JSON parameter's `decode` made of the argument; nil where nothing was given.
  package func decoded<Content>(_ position: Int, as type: Content.Type) -> Content? {
    guard decoded.indices.contains(position) else { return nil }
    return decoded[position]?.content as? Content
  }

  /// Bytes that the arguments occupy, roughly: what a collector counts against its budget.
  var byteCount: Int {
    values.reduce(64) { $0 + MemoryLayout<Value>.stride + $1.byteCount }
  }

  /// The JSON arguments' canonical texts: calls may share a batch where these are equal.
  var constants: [String] { decoded.compactMap { $0?.canonical } }
}
