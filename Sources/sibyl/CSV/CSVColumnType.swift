/// The SQLite type that a column's values allow without changing what any of them says.
///
/// A column is INTEGER or REAL only when every value in it is a number as a program would write it: `007`,
/// `+49` and ` 5` stay text, because a number would not print like them.
package struct CSVColumnType: Hashable, Sendable {
  private var sawValue = false
  private var allowsInteger = true
  private var allowsReal = true

  package init() {}

  /// INTEGER, REAL or TEXT, for what has been seen so far. A column of NULLs alone is TEXT.
  package var name: String {
    guard sawValue else { return "TEXT" }
    return allowsInteger ? "INTEGER" : allowsReal ? "REAL" : "TEXT"
  }

  /// Takes one value into account; nil is NULL and says nothing.
  package mutating func see(_ value: UnsafeRawBufferPointer?) {
    guard let value else { return }
    sawValue = true
    guard allowsReal else { return }
    switch Self.form(of: value) {
    case .integer: break
    case .real: allowsInteger = false
    case .text:
      allowsInteger = false
      allowsReal = false
    }
  }

  package enum Form: Hashable, Sendable { case integer, real, text }

  /// How a value is written: `-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?`, an integer being one that fits 64 bits.
  package static func form(of value: UnsafeRawBufferPointer) -> Form {
    var index = 0
    func isDigit(_ index: Int) -> Bool {
      index < value.count && value[index] >= UInt8(ascii: "0") && value[index] <= UInt8(ascii: "9")
    }
    func skipDigits() -> Int {
      let start = index
      while isDigit(index) { index += 1 }
      return index - start
    }

    if value.first == UInt8(ascii: "-") { index = 1 }
    let leadsWithZero = index < value.count && value[index] == UInt8(ascii: "0")
    let digits = skipDigits()
    guard digits > 0, !(leadsWithZero && digits > 1) else { return .text }
    if index == value.count {
      // "-0" would come back as "0".
      if leadsWithZero && value.first == UInt8(ascii: "-") { return .text }
      if digits <= 18 { return .integer }
      if Int64(String(decoding: value, as: UTF8.self)) != nil { return .integer }
      // A longer number would lose digits as a REAL: an account number, say.
      return .text
    }
    if value[index] == UInt8(ascii: ".") {
      index += 1
      guard skipDigits() > 0 else { return .text }
    }
    if index < value.count, value[index] | 0x20 == UInt8(ascii: "e") {
      index += 1
      if index < value.count, value[index] == UInt8(ascii: "+") || value[index] == UInt8(ascii: "-") {
        index += 1
      }
      guard skipDigits() > 0 else { return .text }
    }
    return index == value.count ? .real : .text
  }
}
