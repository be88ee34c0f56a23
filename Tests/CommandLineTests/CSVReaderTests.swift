import Diagnostics
import TestSupport
import Testing
import sibyl

@Suite struct CSVReaderTests {
  private func records(_ text: some Sequence<UInt8>, delimiter: UInt8 = UInt8(ascii: ",")) throws
    -> [[String?]]
  {
    try TemporaryFile(text).reading { descriptor in
      var reader = CSVReader(descriptor: descriptor, name: "t.csv", delimiter: delimiter)
      var records: [[String?]] = []
      while try reader.next() { records.append((0..<reader.fieldCount).map { reader.text($0) }) }
      return records
    }
  }

  @Test(arguments: [
    ("a,b\n1,2\n", [["a", "b"], ["1", "2"]]),
    ("a,b\r\n1,2\r\n", [["a", "b"], ["1", "2"]]),
    ("a,b\n1,2", [["a", "b"], ["1", "2"]]),
    ("a,b\r\n1,2\r", [["a", "b"], ["1", "2"]]),
    ("\u{FEFF}a\n1\n", [["a"], ["1"]]),
    ("\"a,b\",\"c\"\"d\"\n", [["a,b", "c\"d"]]),
    ("\"two\nlines\",\"two\r\nlines\"\r\n", [["two\nlines", "two\r\nlines"]]),
    ("a\"b,c\n", [["a\"b", "c"]]),
    (" a , b \n", [[" a ", " b "]]),
    (",\"\",\n", [[nil, "", nil]]),
    ("a\n\nb\n", [["a"], [nil], ["b"]]),
    ("a\rb,c\n", [["a\rb", "c"]]),
    ("größe,日本\n", [["größe", "日本"]]),
    ("\"\"\"\"\n", [["\""]]),
    ("", []),
    ("\n", [[nil]]),
  ])
  func readsRecords(text: String, expected: [[String?]]) throws {
    #expect(try records(text.utf8) == expected)
  }

  @Test func readsOtherDelimiters() throws {
    #expect(try records("a\tb,c\n".utf8, delimiter: 9) == [["a", "b,c"]])
    #expect(try records("a;\"b;c\"\n".utf8, delimiter: UInt8(ascii: ";")) == [["a", "b;c"]])
  }

  @Test(arguments: [
    (Array("a\n\"b\n\nc".utf8), "t.csv, line 2: a quotation that starts in this record is never closed"),
    (
      Array("a,b\n1,\"2\"3\n".utf8),
      "t.csv, line 2: behind the closing quotation mark of field 2 stands neither a delimiter nor a line end"
    ),
    (
      Array("a\n\"x\ny\"\n".utf8) + [0xFF, 10],
      "t.csv, line 4: field 1 is not UTF-8 text; convert the file to UTF-8 first"
    ),
    (
      Array("a\n".utf8) + [0, 10], "t.csv, line 2: field 1 is not UTF-8 text; convert the file to UTF-8 first"
    ),
    ([0xFF, 0xFE, 65, 0], "t.csv, line 1: the file is UTF-16; convert it to UTF-8 first"),
    ([0x1F, 0x8B, 8, 0], "t.csv, line 1: the file is compressed with gzip; unpack it first"),
  ])
  func saysWhatIsWrongAndWhere(bytes: [UInt8], message: String) {
    #expect(throws: SibylError(.corruptFile, message)) { try records(bytes) }
  }

  @Test func readsFieldsLongerThanItsWindow() throws {
    let long = String(repeating: "longer than the window, \"quoted\"\n", count: 20_000)
    let quoted = "\"" + long.replacing("\"", with: "\"\"") + "\""
    #expect(try records("a,\(quoted),b\nc,d,e\n".utf8) == [["a", long, "b"], ["c", "d", "e"]])
  }

  /// What the writer writes, the reader reads back: NULL, empty text, quotation marks, delimiters, line ends.
  @Test func readsBackWhatTheWriterWrites() throws {
    var random = SeededGenerator(seed: 3)
    let pieces = ["a", "\"", ",", "\n", "\r", "\r\n", "é", "日", " ", "🙂", "\t", "'"]
    for _ in 0..<100 {
      let columns = Int.random(in: 1...5, using: &random)
      let rows: [[TestValue]] = (0..<Int.random(in: 0...20, using: &random)).map { _ in
        (0..<columns).map { _ in
          switch Int.random(in: 0..<6, using: &random) {
          case 0: .null
          case 1: .integer(Int64(truncatingIfNeeded: random.next()))
          default:
            .text(
              (0..<Int.random(in: 0..<8, using: &random)).map { _ in
                pieces[Int.random(in: 0..<pieces.count, using: &random)]
              }.joined())
          }
        }
      }
      let names = (0..<columns).map { "column \"\($0)\"" }
      let text = try TemporaryFile.written { output in
        var writer = CSVWriter()
        writer.begin(columns: names, to: output)
        for row in rows { try TestValue.withCells(row) { try writer.write($0, to: output) } }
        writer.end(to: output)
      }
      let expected = rows.map { row in
        row.map { value -> String? in
          switch value {
          case .integer(let number): String(number)
          case .text(let text): text
          default: nil
          }
        }
      }
      #expect(try records(text.utf8) == [names] + expected)
    }
  }

  /// Any bytes are read or refused, and reading ends.
  @Test func anyBytesAreReadOrRefused() throws {
    var random = SeededGenerator(seed: 5)
    let alphabet = Array("ab,\"\n\r\t ".utf8) + [0, 0xC3, 0xA9, 0xE2, 0xFF]
    var outcomes: Set<Bool> = []
    for _ in 0..<300 {
      let bytes = (0..<Int.random(in: 0..<40, using: &random)).map { _ in
        alphabet[Int.random(in: 0..<alphabet.count, using: &random)]
      }
      do {
        let fields = try records(bytes).joined().reduce(0) { $0 + ($1?.utf8.count ?? 0) }
        #expect(fields <= bytes.count)
        outcomes.insert(true)
      } catch let error as SibylError {
        #expect(error.message.hasPrefix("t.csv, line "))
        outcomes.insert(false)
      }
    }
    #expect(outcomes.count == 2)
  }
}
