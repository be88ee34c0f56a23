import TestSupport
import Testing
import Tokenization

@Suite("Sentences")
struct SentenceSegmenterTests {
  private static func sentences(_ text: String) -> [String] {
    let bytes = Array(text.utf8)
    return SentenceSegmenter().sentences(in: text).map { String(decoding: bytes[$0], as: UTF8.self) }
  }

  /// Each text is written with `|` where its sentences part.
  private static func expect(_ marked: String, _ location: SourceLocation = #_sourceLocation) {
    let parts = marked.split(separator: "|").map { part in
      var part = part
      while part.first?.isWhitespace == true { part.removeFirst() }
      while part.last?.isWhitespace == true { part.removeLast() }
      return String(part)
    }
    let text = marked.filter { $0 != "|" }
    #expect(sentences(text) == parts, sourceLocation: location)
  }

  @Test("Plain stops")
  func plainStops() {
    Self.expect("It came late. |It was broken! |Will you refund me? |Thanks")
    Self.expect("What?! |No... |Yes!!! |Fine.")
    Self.expect("no capitals here. |works anyway! |nice film . |it 's good .")
    Self.expect("One.   |Two.\t|Three.")
    #expect(Self.sentences("") == [])
    #expect(Self.sentences(" \n\t ") == [])
    #expect(Self.sentences("...") == ["..."])
  }

  @Test("Stops inside words and numbers")
  func innerStops() {
    Self.expect("Pi is 3.14159 or so. |See example.org/a.html for more. |Version 2.0.1 is out.")
    Self.expect("Mail me@example.com. |Bye.")
    Self.expect("It cost $5. |I paid in 1999. |Then I left.")
  }

  @Test("Abbreviations, initials and acronyms")
  func abbreviations() {
    Self.expect("Mr. Smith met Dr. Jones. |They talked.")
    Self.expect("Use a tool, e.g. Sibyl, i.e. this one. |Done.")
    Self.expect("\u{201C}Mrs. Hall is out,\u{201D} he said. |(Prof. Lee agreed.) |So be it.")
    Self.expect("J. R. R. Tolkien wrote it. |I read it.")
    Self.expect("He lives in the U.S. with his wife. |The U.S. President spoke. |She left the U.S. |The end.")
    Self.expect("Apple Inc. fell by 3 percent. |It sold to Widget Co. |The price was fair.")
    Self.expect("See Fig. 3 and No. 7. |I said no. |Then I left on Jan. 5 at 5 p.m. with Ann.")
    Self.expect("Bread, milk, etc. |We went home.")
    Self.expect("It needs approx. five minutes and vs. nobody.")
  }

  @Test("Ellipses go on in lower case")
  func ellipses() {
    Self.expect("Well... maybe not. |Hm… |Then yes.")
    Self.expect("Wait… what? |Oh.")
  }

  @Test("Quotes and brackets belong to the sentence that they close")
  func closers() {
    Self.expect("\"Stop!\" he said. |\"Why?\" |\"Because.\" |He left.")
    Self.expect("(It broke.) |[Sic.] |\u{201C}Fine.\u{201D} |\u{AB}Oui.\u{BB} |Bon.")
    Self.expect("He said \"go.\" |She went.")
    Self.expect("¿Qué pasa? |¡Nada! |«Bien.» |É verdade.")
  }

  @Test("Scripts with stops of their own need no white space")
  func otherScripts() {
    Self.expect("今日は晴れです。|明日は？|「はい！」|よし。")
    Self.expect("यह अच्छा है। |धन्यवाद।")
    Self.expect("هل وصل؟ |نعم۔ |شكرا")
  }

  @Test("Paragraphs, lines and lists")
  func lines() {
    Self.expect("A heading\n\n|Some text without a stop\r\n\r\n|More text")
    Self.expect("Shopping:\n|- milk\n|- two eggs\n|* bread\n|\u{2022} tea")
    Self.expect("Steps:\n|1. Open the lid.\n|2. Press the button. |Wait.\n|a) Close it")
    Self.expect("Dear Ann,\n|Thank you for the parcel")
    Self.expect("This line was wrapped by a program because it is wide\nEnough for that to be likely. |Yes.")
    Self.expect("a short line\nthat goes on in lower case")
    Self.expect("one\u{2029}|two")
  }

  @Test(
    "Sentences are in order, trimmed, apart, and lose nothing but white space", arguments: [UInt64(1), 2])
  func properties(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let parts = [
      "word", "Word", "Mr", "e.g", "U.S", "3", "14", ".", ".", "!", "?", "…", "。", " ", " ", " ", "\n",
      "\n\n", "\r\n",
      "\"", "”", ")", "(", "- ", "1. ", "é", "É", "中", "\u{3000}", "\u{301}", "\u{0}", "👍🏽", ",", "'",
      "\u{2029}",
    ]
    for _ in 0..<2000 {
      let count = Int.random(in: 0...24, using: &generator)
      let text = (0..<count).map { _ in parts.randomElement(using: &generator) ?? "" }.joined()
      let bytes = Array(text.utf8)
      var kept = ""
      var previous = 0
      for range in SentenceSegmenter().sentences(in: text) {
        #expect(range.lowerBound >= previous && !range.isEmpty && range.upperBound <= bytes.count)
        previous = range.upperBound
        let sentence = String(decoding: bytes[range], as: UTF8.self)
        #expect(Array(sentence.utf8) == Array(bytes[range]), "cut inside a scalar")
        let ends = [sentence.unicodeScalars.first, sentence.unicodeScalars.last]
        #expect(ends.allSatisfy { $0?.properties.isWhitespace == false })
        kept += sentence
      }
      func solid(_ text: String) -> [Unicode.Scalar] {
        text.unicodeScalars.filter { !$0.properties.isWhitespace }
      }
      #expect(solid(kept) == solid(text))
    }
  }

  @Test("Bytes that are no text")
  func randomBytes() {
    var generator = SeededGenerator(seed: 3)
    for _ in 0..<2000 {
      let bytes = (0..<Int.random(in: 0...40, using: &generator)).map { _ in
        Bool.random(using: &generator)
          ? UInt8.random(in: 0...255, using: &generator)
          : [0x2E, 0x20, 0x0A, 0xE2, 0x80, 0x41].randomElement(using: &generator) ?? 0x2E
      }
      let ranges = bytes.withUnsafeBufferPointer { SentenceSegmenter().sentences(in: $0) }
      #expect(ranges.allSatisfy { !$0.isEmpty && $0.lowerBound >= 0 && $0.upperBound <= bytes.count })
      #expect(zip(ranges, ranges.dropFirst()).allSatisfy { $0.upperBound <= $1.lowerBound })
    }
  }
}
