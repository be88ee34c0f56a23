import Testing
import sibyl

@Suite struct RowWriterTests {
  private func write(
    _ format: OutputFormat, _ columns: [String], _ rows: [[TestValue]], colours: Bool = false
  ) throws -> String {
    try TemporaryFile.written { output in
      var writer = format.makeWriter(style: TerminalStyle(hasColours: colours))
      try writer.begin(columns: columns, to: output)
      for row in rows { try TestValue.withCells(row) { try writer.write($0, to: output) } }
      try writer.end(to: output)
    }
  }

  private let rows: [[TestValue]] = [
    [.text("ok"), .integer(7), .real(0.5)],
    [.null, .integer(-12345), .real(1e300)],
    [.text("日本"), .null, .real(-2)],
  ]

  @Test func tableAlignsNumbersRightAndCountsWideCharacters() throws {
    #expect(
      try write(.table, ["mood", "n", "score"], rows) == """
         mood | n      | score
        ------+--------+--------
         ok   |      7 |    0.5
         NULL | -12345 | 1e+300
         日本 | NULL   |   -2.0

        """)
  }

  @Test func tableKeepsARowOnOneLineAndTheTerminalSafe() throws {
    #expect(
      try write(.table, ["a"], [[.text("x\ny\t\u{1B}[2J\u{9B}z")], [.bytes([1, 2, 3])]]) == """
         a
        --------------------
         x\\ny\\t\\x1b[2J\\x9bz
         <blob of 3 bytes>

        """)
  }

  @Test func tableOfManyRowsIsWrittenInBoundedMemory() throws {
    let row: [TestValue] = [.text(String(repeating: "w", count: 1000))]
    let text = try write(
      .table, ["a"], Array(repeating: row, count: 6000) + [[.text(String(repeating: "x", count: 2000))]])
    #expect(text.split(separator: "\n").count == 6003)
    #expect(text.hasSuffix(" " + String(repeating: "x", count: 2000) + "\n"))
  }

  @Test func coloursAreForTerminals() throws {
    #expect(try write(.table, ["a"], [[.null]], colours: true).contains("\u{1B}[1ma\u{1B}[0m"))
    #expect(try !write(.table, ["a"], [[.null]]).contains("\u{1B}"))
  }

  @Test func csvQuotesWhatNeedsIt() throws {
    #expect(
      try write(
        .csv, ["a", "b,c"],
        [[.text("x\"y"), .null], [.text(""), .real(1)], [.bytes([0, 255]), .text("two\nlines")]])
        == "a,\"b,c\"\r\n\"x\"\"y\",\r\n\"\",1.0\r\n00ff,\"two\nlines\"\r\n")
  }

  @Test func jsonIsAnArrayOfObjects() throws {
    let text = try write(
      .json, ["a", "b", "a"],
      [
        [.text("x\"\\\n\u{1}é"), .integer(.max), .bytes([0xAB])],
        [.null, .real(0.1), .real(.infinity)],
      ])
    #expect(
      text == """
        [{"a":"x\\"\\\\\\n\\u0001é","b":9223372036854775807,"a:1":"ab"},
         {"a":null,"b":0.1,"a:1":9e999}]

        """)
    #expect(try write(.json, ["a"], []) == "[]\n")
  }

  @Test func markdownIsATable() throws {
    #expect(
      try write(.markdown, ["n", "a|b"], [[.integer(1), .text("x|y\r\nz")], [.integer(2), .null]]) == """
        | n | a\\|b |
        | ---: | --- |
        | 1 | x\\|y<br>z |
        | 2 | NULL |

        """)
    #expect(try write(.markdown, ["a"], []) == "| a |\n| --- |\n")
  }

  @Test func textThatIsNotUnicodeIsRepaired() throws {
    // SQLite hands out whatever bytes a text holds.
    var bytes: [UInt8] = [0x61, 0xFF, 0x62]
    let text = try TemporaryFile.written { output in
      try bytes.withUnsafeMutableBytes { bytes in
        var writer = JSONRowWriter()
        writer.begin(columns: ["a"], to: output)
        try writer.write([.text(UnsafeRawBufferPointer(bytes))], to: output)
        writer.end(to: output)
      }
    }
    #expect(text == "[{\"a\":\"a\u{FFFD}b\"}]\n")
  }

  @Test(arguments: [
    ("", 0), ("abc", 3), ("é", 1), ("e\u{301}", 1), ("日本", 4), ("한국", 4), ("🙂", 2), ("👩‍👩‍👧", 2), ("❤️", 2),
    ("ｆ", 2), ("\u{200B}", 0), ("🇩🇪", 2), ("ß…", 2),
  ])
  func knowsHowWideTextIs(text: String, width: Int) {
    #expect(DisplayWidth.of(text) == width)
  }

  @Test func rowsComeBackFromTheBuffer() {
    let rows: [[TestValue]] = [
      [.null, .integer(-1), .real(2.5)], [.text("é"), .bytes([]), .text("")], [.bytes([1]), .null, .null],
    ]
    var buffer = RowBuffer()
    for row in rows { TestValue.withCells(row) { buffer.append($0) } }
    var read: [[TestValue]] = []
    buffer.forEachRow(columnCount: 3) { row in
      read.append(
        row.map { cell in
          switch cell {
          case .null: .null
          case .integer(let value): .integer(value)
          case .real(let value): .real(value)
          case .text(let bytes): .text(String(decoding: bytes, as: UTF8.self))
          case .blob(let bytes): .bytes(Array(bytes))
          }
        })
    }
    #expect(read == rows)
  }
}
