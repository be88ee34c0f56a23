/// Cuts text into words, as a `PreTokenizer` says.
///
/// The regular expressions are written out as code: every alternative begins with a scalar of its own class,
/// so that one look at a scalar, and at times at the next, decides. Each scalar is looked at a few times at
/// most, whatever the text.
struct PreTokenScanner {
  let family: PreTokenizer
  /// The text, well-formed UTF-8.
  let bytes: UnsafePointer<UInt8>
  let end: Int
  let blocks: UnsafePointer<UInt32>
  let classes: UnsafePointer<UInt8>

  /// The class behind the text's end.
  private static let none: UInt8 = 0xFF

  /// The end of the word that begins at `start`, which lies inside the text.
  @inline(__always)
  func wordEnd(from start: Int) -> Int {
    switch family {
    case .gpt2: gpt2(start, splitsNumbers: false)
    case .smolLM: gpt2(start, splitsNumbers: true)
    case .llama3: llama3(start, numberLength: 3)
    case .qwen2: llama3(start, numberLength: 1)
    }
  }

  // MARK: Scalars

  /// The class of the scalar at `index` and where the next begins.
  @inline(__always)
  private func scalar(at index: Int) -> (class: UInt8, next: Int) {
    guard index < end else { return (Self.none, index) }
    let byte = bytes[index]
    // The first block holds ASCII.
    if byte < 0x80 { return (classes[Int(byte)], index &+ 1) }
    let step = UTF8Decoding.step(bytes, at: index, end: end)
    let block = Int(blocks[Int(step.scalar &>> 8)])
    return (classes[block &+ Int(step.scalar & 0xFF)], index &+ step.length)
  }

  /// The end of the run of scalars of a class.
  @inline(__always)
  private func skip(_ wanted: UInt8, from start: Int) -> Int {
    var index = start
    while true {
      let (found, next) = scalar(at: index)
      guard found == wanted else { return index }
      index = next
    }
  }

  @inline(__always)
  private func isLineBreak(at index: Int) -> Bool {
    index < end && (bytes[index] == 0x0A || bytes[index] == 0x0D)
  }

  /// The end of an English contraction, or `start` where there is none. `caseMask` is 0x20 where capitals
  /// count as small letters.
  @inline(__always)
  private func contraction(_ start: Int, caseMask: UInt8) -> Int {
    guard bytes[start] == UInt8(ascii: "'"), start &+ 1 < end else { return start }
    let first = bytes[start &+ 1] | caseMask
    switch first {
    case UInt8(ascii: "s"), UInt8(ascii: "t"), UInt8(ascii: "m"), UInt8(ascii: "d"): return start &+ 2
    case UInt8(ascii: "r"), UInt8(ascii: "v"), UInt8(ascii: "l"):
      guard start &+ 2 < end else { return start }
      let wanted = first == UInt8(ascii: "l") ? first : UInt8(ascii: "e")
      return bytes[start &+ 2] | caseMask == wanted ? start &+ 3 : start
    default: return start
    }
  }

  /// The end of the word that a run of white space makes: the run without its last scalar where a word that
  /// may take a space follows, `\s+(?!\S)`, else the whole run.
  @inline(__always)
  private func spaces(_ start: Int, splitsNumbers: Bool) -> Int {
    var last = start
    var index = start
    while true {
      let (found, next) = scalar(at: index)
      guard found == ScalarClasses.space else {
        // To the second pass of `smolLM` a number is the end of the text.
        let ends = found == Self.none || (splitsNumbers && found == ScalarClasses.number)
        return ends || last == start ? index : last
      }
      last = index
      index = next
    }
  }

  // MARK: Families

  @inline(__always)
  private func gpt2(_ start: Int, splitsNumbers: Bool) -> Int {
    let short = contraction(start, caseMask: 0)
    if short > start { return short }
    var (kind, next) = scalar(at: start)
    if bytes[start] == 0x20 {
      let following = scalar(at: next)
      if following.class == ScalarClasses.letter || following.class == ScalarClasses.other
        || (following.class == ScalarClasses.number && !splitsNumbers)
      {
        (kind, next) = following
      }
    }
    switch kind {
    case ScalarClasses.space: return spaces(start, splitsNumbers: splitsNumbers)
    case ScalarClasses.number where splitsNumbers: return next
    default: return skip(kind, from: next)
    }
  }

  @inline(__always)
  private func llama3(_ start: Int, numberLength: Int) -> Int {
    let short = contraction(start, caseMask: 0x20)
    if short > start { return short }
    let (kind, next) = scalar(at: start)
    switch kind {
    case ScalarClasses.letter: return skip(ScalarClasses.letter, from: next)
    case ScalarClasses.number:
      var index = next
      for _ in 1..<numberLength {
        let (found, behind) = scalar(at: index)
        guard found == ScalarClasses.number else { break }
        index = behind
      }
      return index
    default: break
    }
    let following = scalar(at: next)
    if following.class == ScalarClasses.letter && !isLineBreak(at: start) {
      return skip(ScalarClasses.letter, from: following.next)
    }
    if kind == ScalarClasses.other || (bytes[start] == 0x20 && following.class == ScalarClasses.other) {
      var index = skip(ScalarClasses.other, from: next)
      while isLineBreak(at: index) { index &+= 1 }
      return index
    }
    return spacesWithLineBreaks(start)
  }

  /// `\s*[\r\n]+|\s+(?!\S)|\s+`: up to the last line break of the run where there is one.
  @inline(__always)
  private func spacesWithLineBreaks(_ start: Int) -> Int {
    var behindBreak = start
    var last = start
    var index = start
    while true {
      let (found, next) = scalar(at: index)
      guard found == ScalarClasses.space else {
        if behindBreak > start { return behindBreak }
        return found == Self.none || last == start ? index : last
      }
      if isLineBreak(at: index) { behindBreak = next }
      last = index
      index = next
    }
  }
}
