/// Whether bytes are text as SQLite can hold it: UTF-8 without NUL.
package enum UTF8Check {
  /// Checks without allocating (Unicode Standard 16, table 3-7: well-formed UTF-8 byte sequences).
  package static func isText(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    var index = 0
    while index < bytes.count {
      let first = bytes[index]
      index += 1
      if first < 0x80 {
        if first == 0 { return false }
        continue
      }
      var lower: UInt8 = 0x80
      var upper: UInt8 = 0xBF
      let following: Int
      switch first {
      case 0xC2...0xDF: following = 1
      case 0xE0: (following, lower) = (2, 0xA0)
      case 0xED: (following, upper) = (2, 0x9F)
      case 0xE1...0xEF: following = 2
      case 0xF0: (following, lower) = (3, 0x90)
      case 0xF1...0xF3: following = 3
      case 0xF4: (following, upper) = (3, 0x8F)
      default: return false
      }
      guard index + following <= bytes.count else { return false }
      for _ in 0..<following {
        guard bytes[index] >= lower && bytes[index] <= upper else { return false }
        (lower, upper) = (0x80, 0xBF)
        index += 1
      }
    }
    return true
  }
}
