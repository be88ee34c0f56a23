import Diagnostics
import Functions
import Testing

/// The rows of a group, as a database hands them in.
@Suite struct GroupedCallTests {
  private let aggregate: AIAggregate

  init() throws { aggregate = try #require(Catalogue.aggregate(named: "ai_agg")) }

  /// Hands in rows of values, as a database would.
  private func arguments(_ rows: [[Value]]) throws(SibylError) -> [Value]? {
    var call = GroupedCall(aggregate)
    for row in rows { try Self.add(row, to: &call) }
    return call.arguments
  }

  private static func add(_ row: [Value], to call: inout GroupedCall) throws(SibylError) {
    var bytes: [UInt8] = []
    var ranges: [Range<Int>] = []
    for value in row {
      let start = bytes.count
      switch value {
      case .text(let text): bytes += Array(text.utf8)
      case .blob(let blob): bytes += blob
      default: break
      }
      ranges.append(start..<bytes.count)
    }
    let result = bytes.withUnsafeBytes { buffer -> Result<GroupedCall, SibylError> in
      var copy = call
      let raw = zip(row, ranges).map { value, range -> RawArgument in
        switch value {
        case .null: .null
        case .integer(let number): .integer(number)
        case .real(let number): .real(number)
        case .text: .text(UnsafeRawBufferPointer(rebasing: buffer[range]))
        case .blob: .blob(UnsafeRawBufferPointer(rebasing: buffer[range]))
        }
      }
      return raw.withUnsafeBufferPointer { raw in
        do throws(SibylError) {
          try copy.add(raw)
          return .success(copy)
        } catch {
          return .failure(error)
        }
      }
    }
    call = try result.get()
  }

  private func message(_ rows: [[Value]]) -> String? {
    do throws(SibylError) {
      _ = try arguments(rows)
      return nil
    } catch {
      return error.message
    }
  }

  @Test func rowsAreKeptInTheirOrder() throws {
    let found = try arguments([
      [.text("b"), .text("why?")], [.text("a"), .text("why?")], [.integer(7), .text("why?")],
      [.real(0.5), .text("why?")], [.text("b"), .text("why?")],
    ])
    #expect(found == [TextList(["b", "a", "7", "0.5", "b"]).value, .text("why?")])
  }

  /// As in every aggregate function of SQL.
  @Test func nullsAreNoRows() throws {
    #expect(try arguments([]) == nil)
    #expect(try arguments([[.null, .text("why?")], [.null, .text("other")]]) == nil)
    let found = try arguments([[.null, .text("other")], [.text("a"), .text("why?")], [.null, .null]])
    #expect(found == [TextList(["a"]).value, .text("why?")])
  }

  @Test func whatStandsBehindTheTextIsTheSameForAllRows() {
    let same = "must be the same for every row of a group; group the query by it, or give a constant"
    #expect(
      message([[.text("a"), .text("x")], [.text("a"), .text("y")]])
        == "ai_agg: argument 2 (instruction) \(same)")
    #expect(
      message([[.text("a"), .text("x"), .null], [.text("a"), .text("x"), .text("{}")]])
        == "ai_agg: argument 3 (options) \(same)")
    // The same to the reader, but not the same text.
    #expect(message([[.text("a"), .text("e\u{301}")], [.text("a"), .text("\u{e9}")]]) != nil)
  }

  @Test func faultyTexts() {
    #expect(
      message([[.blob([1, 2]), .text("x")]])
        == "ai_agg: argument 1 (text) must be text; got a blob of 2 bytes (if the bytes are text, say CAST(text AS TEXT))"
    )
    #expect(message([[]])?.hasPrefix("ai_agg: takes 2 to 3 arguments") == true)
  }

  /// At the limit, and one beyond it.
  @Test func aGroupHasALimit() throws {
    let row = [Value.text(String(repeating: "x", count: Limits.maximumTextBytes - 4)), .text("x")]
    let rows = Array(repeating: row, count: Limits.maximumGroupBytes / Limits.maximumTextBytes)
    #expect(try arguments(rows) != nil)
    #expect(
      message(rows + [[.text(""), .text("x")]])?.contains("at most \(Limits.maximumGroupBytes) bytes") == true
    )
  }
}
