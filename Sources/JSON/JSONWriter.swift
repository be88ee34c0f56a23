extension JSON {
  /// The value as compact JSON text: members in their order, doubles in the shortest form that reads back as
  /// the same bits, NaN and infinities (which JSON lacks) as `null`.
  public func serialized() -> String {
    var writer = JSONWriter(isCanonical: false)
    writer.write(self)
    return writer.text
  }

  /// The value as compact JSON text in one form for all ways to write it, fit for hashing and cache keys:
  /// keys sorted by their UTF-8 bytes, and whole doubles below 2^53 written as integers, so that `1`, `1.0`
  /// and `1e0` are the same.
  public func canonical() -> String {
    var writer = JSONWriter(isCanonical: true)
    writer.write(self)
    return writer.text
  }
}

extension JSON: CustomStringConvertible {
  public var description: String { serialized() }
}

struct JSONWriter {
  private var bytes: [UInt8] = []
  private let isCanonical: Bool

  init(isCanonical: Bool) { self.isCanonical = isCanonical }

  var text: String { String(decoding: bytes, as: UTF8.self) }

  mutating func write(_ value: JSON) {
    switch value {
    case .null: write(plain: "null")
    case .boolean(let value): write(plain: value ? "true" : "false")
    case .integer(let value): write(plain: String(value))
    case .number(let value): write(value)
    case .string(let value): write(value)
    case .array(let elements):
      bytes.append(UInt8(ascii: "["))
      var isFirst = true
      for element in elements {
        separate(&isFirst)
        write(element)
      }
      bytes.append(UInt8(ascii: "]"))
    case .object(let object):
      bytes.append(UInt8(ascii: "{"))
      var isFirst = true
      for (key, value) in isCanonical ? sorted(object) : Array(object) {
        separate(&isFirst)
        write(key)
        bytes.append(UInt8(ascii: ":"))
        write(value)
      }
      bytes.append(UInt8(ascii: "}"))
    }
  }

  private mutating func write(_ value: Double) {
    guard value.isFinite else { return write(plain: "null") }
    if isCanonical, value.magnitude < 0x1p53, let whole = Int64(exactly: value) {
      write(plain: String(whole))
    } else {
      write(plain: value.description)
    }
  }

  private mutating func write(_ text: String) {
    var text = text
    bytes.append(UInt8(ascii: "\""))
    text.withUTF8 { characters in
      var start = 0
      for (index, byte) in characters.enumerated() {
        guard let escape = Self.escape(byte) else { continue }
        bytes.append(contentsOf: characters[start..<index])
        bytes.append(UInt8(ascii: "\\"))
        bytes.append(escape)
        if escape == UInt8(ascii: "u") {
          write(plain: byte < 16 ? "000" : "00")
          write(plain: String(byte, radix: 16))
        }
        start = index + 1
      }
      bytes.append(contentsOf: characters[start...])
    }
    bytes.append(UInt8(ascii: "\""))
  }

  /// The letter behind the backslash; nil where the byte stands for itself.
  private static func escape(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"): byte
    case 0x08: UInt8(ascii: "b")
    case 0x09: UInt8(ascii: "t")
    case 0x0A: UInt8(ascii: "n")
    case 0x0C: UInt8(ascii: "f")
    case 0x0D: UInt8(ascii: "r")
    case ..<0x20: UInt8(ascii: "u")
    default: nil
    }
  }

  private func sorted(_ object: JSONObject) -> [(key: String, value: JSON)] {
    object.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
  }

  private mutating func write(plain text: String) { bytes.append(contentsOf: text.utf8) }

  private mutating func separate(_ isFirst: inout Bool) {
    if !isFirst { bytes.append(UInt8(ascii: ",")) }
    isFirst = false
  }
}
