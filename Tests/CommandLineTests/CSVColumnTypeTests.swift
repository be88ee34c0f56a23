import Testing
import sibyl

@Suite struct CSVColumnTypeTests {
  private func type(_ values: [String?]) -> String {
    var type = CSVColumnType()
    for value in values {
      if var value {
        value.withUTF8 { type.see(UnsafeRawBufferPointer($0)) }
      } else {
        type.see(nil)
      }
    }
    return type.name
  }

  @Test(
    arguments: [
      ([], "TEXT"),
      ([nil, nil], "TEXT"),
      (["1", "-2", "0", nil], "INTEGER"),
      (["9223372036854775807", "-9223372036854775808"], "INTEGER"),
      // Nineteen digits that don't fit: an account number, not a measurement.
      (["9223372036854775808"], "TEXT"),
      (["1", "2.5"], "REAL"),
      (["1e5", "-0.5E-3"], "REAL"),
      (["1", "x"], "TEXT"),
      (["007"], "TEXT"),
      (["+49"], "TEXT"),
      ([" 5"], "TEXT"),
      (["5 "], "TEXT"),
      (["00.5"], "TEXT"),
      (["-0"], "TEXT"),
      ([""], "TEXT"),
      (["1."], "TEXT"),
      ([".5"], "TEXT"),
      (["1e"], "TEXT"),
      (["-"], "TEXT"),
      (["0x10"], "TEXT"),
      (["nan", "inf"], "TEXT"),
      (["2024-01-05"], "TEXT"),
    ] as [([String?], String)])
  func findsTheTypeThatKeepsEveryValue(values: [String?], expected: String) {
    #expect(type(values) == expected)
  }

  @Test func columnsGetDistinctNames() {
    #expect(
      CSVTable.columnNames(["a", "A", nil, " b ", "", "a_2", "a"]) == [
        "a", "A_2", "column3", "b", "column5", "a_2_2", "a_3",
      ])
  }
}
