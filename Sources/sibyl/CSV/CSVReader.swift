import Diagnostics

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Reads records of a CSV file, one at a time, in memory bounded by the longest record.
///
/// The format is RFC 4180: fields in quotation marks may hold the delimiter, line breaks and doubled quotation
/// marks. Beyond the RFC, lines may end in LF alone, a UTF-8 byte order mark is skipped, and a quotation mark
/// inside an unquoted field stands for itself. A field without quotation marks and without bytes is NULL; the
/// empty text is written `""`.
package struct CSVReader: ~Copyable {
  /// A record may not be longer than the longest text that SQLite stores.
  package static let maximumRecordBytes = 1_000_000_000

  private let descriptor: Int32
  /// What error messages call the file.
  private let name: String
  private let delimiter: UInt8

  private var window: [UInt8]
  private var windowStart = 0
  private var windowEnd = 0
  private var isAtEnd = false
  private var hasReadAnything = false

  /// The fields of the current record, unquoted, one after the other.
  private var bytes: [UInt8] = []
  private var fields: [Field] = []
  private var nextLine = 1

  private struct Field {
    let end: Int
    let isQuoted: Bool
  }

  /// The line on which the current record starts, counted from 1.
  package private(set) var line = 1

  /// Reads from an open file; the caller closes it.
  package init(descriptor: Int32, name: String, delimiter: UInt8 = UInt8(ascii: ",")) {
    self.descriptor = descriptor
    self.name = name
    self.delimiter = delimiter
    window = [UInt8](repeating: 0, count: 1 << 17)
    bytes.reserveCapacity(1 << 12)
  }

  package var fieldCount: Int { fields.count }

  /// Whether the record is a line without any byte.
  package var isBlank: Bool { fields.count == 1 && bytes.isEmpty && !fields[0].isQuoted }

  /// Calls `body` with a field's bytes, or with nil for NULL. The bytes live until the next record is read.
  package func withField<Result>(_ index: Int, _ body: (UnsafeRawBufferPointer?) throws -> Result) rethrows
    -> Result
  {
    let start = index == 0 ? 0 : fields[index - 1].end
    let field = fields[index]
    if start == field.end && !field.isQuoted { return try body(nil) }
    return try bytes.withUnsafeBytes { try body(UnsafeRawBufferPointer(rebasing: $0[start..<field.end])) }
  }

  /// A field as text, or nil for NULL.
  package func text(_ index: Int) -> String? {
    withField(index) { $0.map { String(decoding: $0, as: UTF8.self) } }
  }

  /// Reads the next record. Returns false at the end of the file.
  ///
  /// - Throws: where the file can't be read, isn't UTF-8 text, or a quotation isn't closed as it should be.
  package mutating func next() throws(SibylError) -> Bool {
    bytes.removeAll(keepingCapacity: true)
    fields.removeAll(keepingCapacity: true)
    line = nextLine
    if !hasReadAnything { try skipByteOrderMark() }
    if windowStart == windowEnd, try !fill() { return false }

    var state = State.fieldStart
    while true {
      if windowStart == windowEnd, try !fill() {
        try finishFile(in: state)
        return true
      }
      if try consume(&state) { return true }
      guard bytes.count <= Self.maximumRecordBytes else {
        throw fault(
          "the record is longer than \(Self.maximumRecordBytes) bytes; is a quotation mark missing?")
      }
    }
  }

  private enum State {
    case fieldStart
    case unquoted
    case quoted
    /// Behind a quotation mark in a quoted field: its end, or the first of two.
    case quotationMark
    /// Behind a carriage return that is no part of a quoted field.
    case carriageReturn(closesQuotation: Bool)
  }

  /// Consumes bytes of the window until the record or the window ends. Returns whether the record ended.
  private mutating func consume(_ state: inout State) throws(SibylError) -> Bool {
    while windowStart < windowEnd {
      switch state {
      case .unquoted:
        appendRun { [delimiter] byte in byte == delimiter || byte == 10 || byte == 13 }
      case .quoted:
        appendRun { byte in byte == UInt8(ascii: "\"") || byte == 10 }
      default:
        break
      }
      guard windowStart < windowEnd else { break }
      let byte = window[windowStart]

      switch state {
      case .fieldStart where byte == UInt8(ascii: "\""):
        state = .quoted
      case .fieldStart, .unquoted:
        if byte == delimiter {
          try endField(isQuoted: false)
          state = .fieldStart
        } else if byte == 10 {
          return try endRecord(isQuoted: false)
        } else if byte == 13 {
          state = .carriageReturn(closesQuotation: false)
        } else {
          bytes.append(byte)
          state = .unquoted
        }
      case .quoted:
        if byte == UInt8(ascii: "\"") {
          state = .quotationMark
        } else {
          if byte == 10 { nextLine += 1 }
          bytes.append(byte)
        }
      case .quotationMark:
        if byte == UInt8(ascii: "\"") {
          bytes.append(byte)
          state = .quoted
        } else if byte == delimiter {
          try endField(isQuoted: true)
          state = .fieldStart
        } else if byte == 10 {
          return try endRecord(isQuoted: true)
        } else if byte == 13 {
          state = .carriageReturn(closesQuotation: true)
        } else {
          throw strayQuotation()
        }
      case .carriageReturn(let closesQuotation):
        if byte == 10 { return try endRecord(isQuoted: closesQuotation) }
        guard !closesQuotation else { throw strayQuotation() }
        // A carriage return alone is data.
        bytes.append(13)
        state = .unquoted
        continue
      }
      windowStart += 1
    }
    return false
  }

  /// Appends the window's bytes up to the first that `isSpecial`.
  private mutating func appendRun(until isSpecial: (UInt8) -> Bool) {
    let start = windowStart
    let run = window.withUnsafeBufferPointer { window in
      var index = start
      while index < windowEnd && !isSpecial(window[index]) { index += 1 }
      bytes.append(contentsOf: UnsafeBufferPointer(rebasing: window[start..<index]))
      return index
    }
    windowStart = run
  }

  private mutating func endField(isQuoted: Bool) throws(SibylError) {
    let start = fields.last?.end ?? 0
    let isText = bytes.withUnsafeBufferPointer {
      UTF8Check.isText(UnsafeBufferPointer(rebasing: $0[start...]))
    }
    guard isText else {
      throw fault("field \(fields.count + 1) is not UTF-8 text; convert the file to UTF-8 first")
    }
    fields.append(Field(end: bytes.count, isQuoted: isQuoted))
  }

  private mutating func endRecord(isQuoted: Bool) throws(SibylError) -> Bool {
    windowStart += 1
    nextLine += 1
    try endField(isQuoted: isQuoted)
    return true
  }

  private mutating func finishFile(in state: State) throws(SibylError) {
    switch state {
    case .fieldStart, .unquoted: try endField(isQuoted: false)
    case .quotationMark: try endField(isQuoted: true)
    case .carriageReturn(let closesQuotation): try endField(isQuoted: closesQuotation)
    case .quoted: throw fault("a quotation that starts in this record is never closed")
    }
  }

  private mutating func skipByteOrderMark() throws(SibylError) {
    hasReadAnything = true
    guard try fill() else { return }
    while windowEnd < 3, try fill() {}
    let head = window[..<min(windowEnd, 3)]
    if head.elementsEqual([0xEF, 0xBB, 0xBF]) {
      windowStart = 3
    } else if head.starts(with: [0xFF, 0xFE]) || head.starts(with: [0xFE, 0xFF]) {
      throw fault("the file is UTF-16; convert it to UTF-8 first")
    } else if head.starts(with: [0x1F, 0x8B]) {
      throw fault("the file is compressed with gzip; unpack it first")
    }
  }

  /// Reads more bytes behind those of the window. Returns false at the end of the file.
  private mutating func fill() throws(SibylError) -> Bool {
    if isAtEnd { return false }
    if windowStart == windowEnd {
      windowStart = 0
      windowEnd = 0
    }
    let end = windowEnd
    let count = window.withUnsafeMutableBytes { window -> Int in
      while true {
        let count = read(descriptor, window.baseAddress.map { $0 + end }, window.count - end)
        if count >= 0 || errno != EINTR { return count }
      }
    }
    guard count >= 0 else {
      throw SibylError(.unavailable, "\(name) can't be read: \(String(cString: strerror(errno)))")
    }
    isAtEnd = count == 0
    windowEnd += count
    return count > 0
  }

  private func strayQuotation() -> SibylError {
    fault(
      "behind the closing quotation mark of field \(fields.count + 1) stands neither a delimiter nor a line end"
    )
  }

  private func fault(_ message: String) -> SibylError {
    SibylError(.corruptFile, "\(name), line \(line): \(message)")
  }
}
