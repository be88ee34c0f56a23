/// Finds what is recognised by rule, in time linear in the text.
///
/// Where finds overlap the longest wins, of equally long ones the most specific. What is the number of a card, an
/// account or a date is never taken for a telephone number, whether those are asked for or not.
public struct EntityFinder: Sendable {
  public static let replacement = "[MASKED]"

  private let kinds: Set<EntityKind>

  public init(_ kinds: Set<EntityKind>) { self.kinds = kinds }

  /// What is found in UTF-8 bytes: in order, apart from each other, never inside a scalar. Bytes that are no UTF-8
  /// are left alone.
  public func spans(in utf8: UnsafeBufferPointer<UInt8>) -> [EntitySpan] {
    var spans = found(TextBytes(bytes: utf8))
    guard !spans.isEmpty else { return [] }
    // Where something is masked, what stands beside it may be recognised: the answer must hold nothing that
    // would be masked if it were given again.
    var rest = Array(utf8)
    var fresh = spans
    for _ in 0..<Self.mostPasses {
      for span in fresh {
        for index in span.range { rest[index] = 0 }
      }
      fresh = rest.withUnsafeBufferPointer { found(TextBytes(bytes: $0)) }
      guard !fresh.isEmpty else { break }
      spans += fresh
    }
    return spans.sorted { $0.range.lowerBound < $1.range.lowerBound }
  }

  /// Two do in all but made-up texts.
  private static let mostPasses = 16

  public func spans(in text: String) -> [EntitySpan] {
    var text = text
    return text.withUTF8 { spans(in: $0) }
  }

  /// The text with `replacement` for everything that is found.
  public func masked(_ text: String, replacement: String = replacement) -> String {
    var text = text
    return text.withUTF8 { utf8 in
      let spans = spans(in: utf8)
      var masked: [UInt8] = []
      masked.reserveCapacity(utf8.count)
      var start = 0
      for span in spans where span.range.lowerBound >= start {
        masked.append(contentsOf: utf8[start..<span.range.lowerBound])
        masked.append(contentsOf: replacement.utf8)
        start = span.range.upperBound
      }
      masked.append(contentsOf: utf8[start...])
      return String(decoding: masked, as: UTF8.self)
    }
  }

  // MARK: Candidates

  private func found(_ text: TextBytes) -> [EntitySpan] {
    var candidates: [EntitySpan] = []
    /// Where the last address of the web ended: none begins inside of it.
    var webEnd = 0
    func add(_ kind: EntityKind, _ start: Int, _ end: Int?) {
      if let end, end > start { candidates.append(EntitySpan(kind, start..<end)) }
    }
    let findsPhones = kinds.contains(.phone)
    func finds(_ kind: EntityKind) -> Bool { kinds.contains(kind) }
    for index in 0..<text.count {
      let byte = text.bytes[index]
      if byte == UInt8(ascii: "@"), finds(.email), let range = EmailAddress.range(text, around: index) {
        candidates.append(EntitySpan(.email, range))
      }
      let isDigit = TextBytes.isDigit(byte)
      let isWord = isDigit || TextBytes.isLetter(byte) || byte >= 0xC2
      if isWord {
        guard !text.isInsideWord(index) else { continue }
        if finds(.url), index >= webEnd, !isDigit, let range = WebAddress.range(text, from: index) {
          candidates.append(EntitySpan(.url, range))
          webEnd = range.upperBound
        }
        if finds(.date) || (findsPhones && isDigit), !continuesNumber(text, index) {
          add(.date, index, CalendarDate.end(text, from: index))
        }
        if finds(.ip), TextBytes.isHexadecimal(byte), !continuesNumber(text, index),
          text[index - 1] != UInt8(ascii: ":")
        {
          add(.ip, index, InternetAddress.end(text, from: index))
        }
        if finds(.iban) || findsPhones, !isDigit {
          add(.iban, index, BankAccountNumber.end(text, from: index))
        }
        if finds(.card) || findsPhones, isDigit, text[index - 1] != UInt8(ascii: "_") {
          add(.card, index, CardNumber.end(text, from: index))
        }
      } else if byte == UInt8(ascii: ":"), finds(.ip), text[index - 1] != UInt8(ascii: ":"),
        !text.isInsideWord(index)
      {
        add(.ip, index, InternetAddress.end(text, from: index))
      }
      if findsPhones, isDigit || byte == UInt8(ascii: "+") || byte == UInt8(ascii: "("),
        !text.isInsideWord(index), !isDigit || !continuesNumber(text, index)
      {
        add(.phone, index, PhoneNumber.end(text, from: index))
      }
    }
    return resolved(candidates)
  }

  /// Whether a digit or a dot, a hyphen or the like before belongs to the same number.
  private func continuesNumber(_ text: TextBytes, _ index: Int) -> Bool {
    switch text[index - 1] {
    case UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "/"), UInt8(ascii: ","):
      text.isDigit(at: index - 2)
    case UInt8(ascii: "_"), UInt8(ascii: "+"), UInt8(ascii: "$"): true
    default: false
    }
  }

  private func resolved(_ candidates: [EntitySpan]) -> [EntitySpan] {
    var candidates = candidates.sorted { a, b in
      (a.range.lowerBound, -a.range.count, -a.kind.specificity)
        < (b.range.lowerBound, -b.range.count, -b.kind.specificity)
    }
    candidates = withoutFalsePhones(candidates)
    var chosen: [EntitySpan] = []
    for candidate in candidates where kinds.contains(candidate.kind) {
      // Candidates are short and few of them overlap, so this looks back over one or two.
      var isBeaten = false
      while let last = chosen.last, last.range.overlaps(candidate.range) {
        guard beats(candidate, last) else {
          isBeaten = true
          break
        }
        chosen.removeLast()
      }
      if !isBeaten { chosen.append(candidate) }
    }
    return chosen
  }

  private func beats(_ a: EntitySpan, _ b: EntitySpan) -> Bool {
    (a.range.count, a.kind.specificity) > (b.range.count, b.kind.specificity)
  }

  /// No number of a card or an account and no date is longer, in bytes.
  private static let longestStrict = 80

  /// Without telephone numbers that overlap with something stricter.
  private func withoutFalsePhones(_ candidates: [EntitySpan]) -> [EntitySpan] {
    guard kinds.contains(.phone) else { return candidates }
    let strict: Set<EntityKind> = [.card, .iban, .date]
    let spans = candidates.filter { strict.contains($0.kind) }.map(\.range)
    // Sorted by their beginnings, and all of them short: those that may overlap stand together.
    var first = 0
    return candidates.filter { candidate in
      guard candidate.kind == .phone else { return true }
      while first < spans.count, spans[first].lowerBound + Self.longestStrict < candidate.range.lowerBound {
        first += 1
      }
      return !spans[first...].prefix { $0.lowerBound < candidate.range.upperBound }
        .contains { $0.overlaps(candidate.range) }
    }
  }
}
