/// White space as Unicode's property White_Space has it.
enum WhiteSpace {
  static func contains(_ scalar: UInt32) -> Bool {
    switch scalar {
    case 0x09...0x0D, 0x20, 0x85, 0xA0, 0x1680, 0x2000...0x200A, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000: true
    default: false
    }
  }

  /// The part of the bytes that is left when white space is taken off both ends. The range must lie inside the
  /// bytes and begin and end on scalar boundaries.
  static func trim(_ bytes: UnsafePointer<UInt8>, _ range: Range<Int>) -> Range<Int> {
    var start = range.lowerBound
    var stop = range.upperBound
    while start < stop {
      let step = UTF8Decoding.step(bytes, at: start, end: stop)
      guard contains(step.scalar) else { break }
      start += step.length
    }
    while start < stop {
      var last = stop - 1
      while last > start && bytes[last] & 0xC0 == 0x80 { last -= 1 }
      guard contains(UTF8Decoding.step(bytes, at: last, end: stop).scalar) else { break }
      stop = last
    }
    return start..<stop
  }
}
