import Diagnostics
import Tokenization

extension CallContext {
  /// Summaries in the words of the batch's model, one a group of texts; nil where a fault gives NULL.
  ///
  /// - Parameters:
  ///   - mark: what stands before each text of a group.
  ///   - words: the most words of a summary.
  func writtenSummaries(
    of groups: [[String]], mark: String = "", words: Int, _ options: WritingOptions
  ) throws(SibylError) -> [Result<String?, SibylError>] {
    let noun = mark.isEmpty ? "text" : "texts"
    // English has three words in four tokens; other languages have fewer.
    let condensation = Condensation(
      maximumTokens: options.maximumTokens ?? min(words * 2 + 16, 2_048),
      writer: try ModelWriter(options, self))
    let subjects = groups.map { texts in
      Condensation.Subject(texts: texts, mark: mark) { text in
        [ChatMessage(.user, "Summarize the \(noun) below in at most \(words) words.\n\n\(text)")]
      }
    }
    return try condensation.answers(to: subjects).map { answer in
      answer.map { $0.map { WordLimit.cut($0, words: words) } }
    }
  }

  /// Summaries of the texts' own sentences, chosen by the batch's model.
  func chosenSummaries(of texts: [String], words: Int) throws(SibylError) -> [String] {
    let summaries = texts.map(ExtractiveSummary.init(of:))
    let needed = summaries.flatMap { $0.fits(maximumWords: words) ? [] : $0.sentences }
    let embeddings = needed.isEmpty ? [] : try embeddings(of: needed)
    var place = 0
    return summaries.map { summary in
      guard !summary.fits(maximumWords: words) else {
        return summary.text(embeddings: [], maximumWords: words)
      }
      let own = embeddings[place..<(place + summary.sentences.count)].map(\.values)
      place += summary.sentences.count
      return summary.text(embeddings: own, maximumWords: words)
    }
  }
}
