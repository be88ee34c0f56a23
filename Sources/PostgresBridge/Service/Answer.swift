import Functions
import JSON
import PostgresWire

/// Answers in PostgreSQL's terms.
enum Answer {
  /// The text form of a value's SQL type: what `sibyl_call` gives and the cache table holds. Nil for NULL.
  static func text(_ value: Value) -> String? {
    switch value {
    case .null: nil
    case .text(let text): text
    case .integer(let number): String(number)
    // Swift's description is the shortest text that reads back as the same number, as PostgreSQL's is.
    case .real(let number): number.description
    case .blob(let bytes): "{" + floats(bytes).map(\.description).joined(separator: ",") + "}"
    }
  }

  static func cell(_ value: Value) -> WireCell {
    switch value {
    case .null: .null
    case .text(let text): .text(text)
    case .integer(let number): .integer(number)
    case .real(let number): .double(number)
    case .blob(let bytes): .reals(floats(bytes))
    }
  }

  /// The type of a column that holds values of a type.
  static func type(_ type: ValueType) -> WireType {
    switch type {
    case .text, .textOrEmbedding, .scalar: .text
    case .integer: .bigint
    case .boolean: .boolean
    case .real: .doublePrecision
    case .json: .jsonb
    case .embedding: .realArray
    case .texts: WireType.text.array ?? .text
    }
  }

  /// PostgreSQL's text form of an array of answers.
  static func arrayText(_ values: [Value]) -> String {
    let elements = values.map { value -> WireValue in
      switch value {
      case .null: .null
      case .blob(let bytes): .array(floats(bytes).map { .number($0.description) })
      default: text(value).map(WireValue.text) ?? .null
      }
    }
    return WireValue.array(elements).text ?? "{}"
  }

  /// A row of a table-valued function as a JSON object of its columns.
  static func object(_ row: AITable.Row, of table: AITable) -> String {
    var members: [(String, JSON)] = []
    for (column, value) in zip(table.columns, row) {
      let member: JSON =
        switch value {
        case .null: .null
        case .integer(let number): .integer(number)
        case .real(let number): .number(number)
        case .text(let text): .string(text)
        case .blob(let bytes): .array(floats(bytes).map { .number(Double($0)) })
        }
      members.append((column.name, member))
    }
    return JSON.object(JSONObject(members)).serialized()
  }

  /// Little-endian float32, as embeddings are kept.
  static func floats(_ bytes: [UInt8]) -> [Float] {
    bytes.withUnsafeBytes { raw in
      (0..<raw.count / 4).map {
        Float(bitPattern: UInt32(littleEndian: raw.loadUnaligned(fromByteOffset: $0 * 4, as: UInt32.self)))
      }
    }
  }
}
