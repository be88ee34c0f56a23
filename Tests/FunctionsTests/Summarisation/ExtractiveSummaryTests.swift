import Functions
import TestSupport
import Testing

@Suite("Summaries of a text's own sentences")
struct ExtractiveSummaryTests {
  /// Sentences as bags of words: near each other where they share words.
  private func embed(_ sentences: [String]) -> [[Float]] {
    sentences.map { sentence in
      var vector = [Float](repeating: 0, count: 64)
      for word in sentence.lowercased().split(whereSeparator: { !$0.isLetter }) {
        vector[word.utf8.reduce(7) { ($0 &* 31 &+ Int($1)) & 0xFFFF } % 64] += 1
      }
      return vector
    }
  }

  private func summary(_ text: String, _ words: Int) -> String {
    let summary = ExtractiveSummary(of: text)
    return summary.text(embeddings: embed(summary.sentences), maximumWords: words)
  }

  @Test("Short texts come back whole, on one line")
  func short() {
    #expect(summary("", 10) == "")
    #expect(summary("  \n ", 10) == "")
    #expect(summary("One sentence\nwithout an end", 10) == "One sentence without an end")
    #expect(summary("First one.  Second one.\n\nThird one.", 6) == "First one. Second one. Third one.")
    #expect(ExtractiveSummary(of: "Just these four words.").fits(maximumWords: 4))
    #expect(!ExtractiveSummary(of: "Just these four words.").fits(maximumWords: 3))
  }

  @Test("What most of the text is about is taken, and nothing twice")
  func selection() {
    let text = """
      The weather was pleasant for the season. The river flooded the old town on Monday night. \
      The flooded river drove families in the old town out of their homes. My aunt prefers tea. \
      The river flooded the old town on Monday night again. Rescue teams moved families to schools by boat. Why?
      """
    let one = summary(text, 13)
    #expect(one == "The flooded river drove families in the old town out of their homes.")
    let two = summary(text, 24)
    #expect(two.contains("flooded") && !two.contains("aunt") && !two.contains("Why"))
    let sentences = ExtractiveSummary(of: text).sentences
    let order = sentences.filter { two.contains($0) }.joined(separator: " ")
    #expect(two == order)
  }

  @Test("Of equal sentences the first is taken, and only it")
  func ties() {
    let selection = SentenceSelection(
      embeddings: [[Float]](repeating: [1, 0], count: 5), wordCounts: [5, 5, 5, 5, 5])
    #expect(selection.positions(maximumWords: 5) == [0])
    #expect(selection.mostCentral == 0)
    // A sentence that says something else goes before a repetition.
    let other = SentenceSelection(
      embeddings: [[1, 0], [1, 0], [0.6, 0.8], [1, 0]], wordCounts: [5, 5, 5, 5])
    #expect(other.positions(maximumWords: 10) == [0, 2])
    #expect(other.positions(maximumWords: 100) == [0, 2])
  }

  @Test("Where no sentence fits, the most central one is cut, and says so")
  func cut() {
    let text = "Seven words are in this first sentence. And seven more are in this second one."
    #expect(summary(text, 3) == "Seven words are…")
    #expect(summary(text, 1) == "Seven…")
    #expect(summary("東京都は日本の首都であり、人口が最も多い。大阪は西日本の大きい都市である。", 3).hasSuffix("…"))
    #expect(summary("東京都は日本の首都です。", 3) == "東京都は日本…")
  }

  @Test("Vectors that are none, or too few, do no harm")
  func wrongVectors() {
    #expect(SentenceSelection(embeddings: [], wordCounts: []).positions(maximumWords: 9) == [])
    #expect(SentenceSelection(embeddings: [], wordCounts: [3]).mostCentral == nil)
    let odd = SentenceSelection(
      embeddings: [[.nan, 1], [0, 0], [1, 0], [1], [.infinity, 0]], wordCounts: [5, 5, 5, 5, 5])
    #expect(odd.positions(maximumWords: 5).count == 1)
    #expect(odd.positions(maximumWords: .max) == [0, 1, 2, 3, 4])
    #expect(odd.positions(maximumWords: 0).isEmpty && odd.positions(maximumWords: -3).isEmpty)
    #expect(
      ExtractiveSummary(of: "One two three four. Five six seven eight.").text(embeddings: [], maximumWords: 4)
        == "")
  }

  @Test("Summaries keep to their words, and to the text's sentences and order")
  func property() {
    var generator = SeededGenerator(seed: 9)
    let words = ["river", "town", "The", "flood", "a", "school", "of", "night", "日本", "größer", "x"]
    for _ in 0..<300 {
      var text = ""
      for _ in 0..<Int.random(in: 0...12, using: &generator) {
        let count = Int.random(in: 1...12, using: &generator)
        text +=
          (0..<count).map { _ in words.randomElement(using: &generator) ?? "" }.joined(separator: " ") + ". "
      }
      let most = Int.random(in: 1...30, using: &generator)
      let whole = ExtractiveSummary(of: text)
      let summary = whole.text(embeddings: embed(whole.sentences), maximumWords: most)
      #expect(summary.split(separator: " ").count <= most)
      #expect(summary == whole.text(embeddings: embed(whole.sentences), maximumWords: most))
      // What is left of the sentences, taken in order, is nothing.
      var rest = summary[...]
      for sentence in whole.sentences where rest.hasPrefix(sentence) {
        rest = rest.dropFirst(sentence.count)
        if rest.first == " " { rest = rest.dropFirst() }
      }
      #expect(rest.isEmpty || summary.hasSuffix("…"), "\(summary)")
    }
  }
}
