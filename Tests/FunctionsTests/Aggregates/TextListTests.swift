import Functions
import TestSupport
import Testing

/// The texts of a group, as they come to an aggregate function.
@Suite struct TextListTests {
  @Test func textsComeBackAsTheyWere() throws {
    var random = SeededGenerator(seed: 4)
    let samples = ["", "a", "naïve", "日本語\n", "\u{0}", "e\u{301}", String(repeating: "long ", count: 500)]
    for _ in 0..<200 {
      let texts = (0..<Int.random(in: 0...9, using: &random)).map { _ in
        samples.randomElement(using: &random) ?? ""
      }
      let list = TextList(texts)
      #expect(list.texts.map { Array($0.utf8) } == texts.map { Array($0.utf8) })
      #expect(list.isEmpty == texts.isEmpty)
      #expect(TextList(list.value) == list)
    }
  }

  /// Two groups are the same only where their rows are.
  @Test func boundariesCount() {
    #expect(TextList(["ab", "c"]).value != TextList(["a", "bc"]).value)
    #expect(TextList([""]).value != TextList().value)
  }

  @Test func bytesThatAreNoListAreNone() {
    var random = SeededGenerator(seed: 5)
    for _ in 0..<2_000 {
      let bytes = (0..<Int.random(in: 0...12, using: &random)).map { _ in
        UInt8.random(in: 0...6, using: &random)
      }
      // Whatever it makes of them, it reads no byte that is not there, and gives back what it took.
      if let list = TextList(.blob(bytes)) {
        #expect(list.bytes == bytes && TextList(list.texts).bytes.count >= list.texts.count * 4)
      }
    }
    for bytes: [UInt8] in [[1], [1, 0, 0, 0], [255, 255, 255, 255, 97], [0, 0, 0, 0, 1]] {
      #expect(TextList(.blob(bytes)) == nil)
    }
    #expect(TextList(.text("a")) == nil)
  }
}
