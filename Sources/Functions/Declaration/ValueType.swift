/// The type of a parameter, a column or an answer. Each face of Sibyl has its own name for it.
public enum ValueType: String, Hashable, Sendable, CaseIterable {
  /// UTF-8 text. A number given for text counts as its text, as everywhere in SQLite; a blob is refused.
  case text
  /// A 64-bit whole number. `2.0` is accepted, `'2'` and `2.5` are not.
  case integer
  /// Yes or no: 1 or 0 in SQLite, which has no type for it.
  case boolean
  /// A double. Whole numbers are accepted.
  case real
  /// Text that holds JSON. Two texts that mean the same JSON are the same argument.
  case json
  /// A vector of little-endian float32 (in SQLite a BLOB, as sqlite-vec reads it).
  case embedding
  /// Text, or the embedding of a text.
  case textOrEmbedding = "text or embedding"
  /// The texts of a group, as a `TextList`: what an aggregate function is about. No SQL type of its own.
  case texts
  /// Any value but a blob.
  case scalar = "text or number"

  /// The type's name in SQLite's terms.
  public var sqliteName: String {
    switch self {
    case .text, .json: "TEXT"
    case .integer, .boolean: "INTEGER"
    case .real: "REAL"
    case .embedding, .texts: "BLOB"
    case .textOrEmbedding, .scalar: ""
    }
  }
}
