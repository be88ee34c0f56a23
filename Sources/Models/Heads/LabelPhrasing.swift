/// The sentences by which labels are put to the encoder.
///
/// A label stands in two templates, whose embeddings are added. Measured with MiniLM on AG News dev (four
/// topics) and banking77 train (77 intents), with the labels' mean taken off: bare labels 63% and 61%, "This
/// text is about X." 70% and 58%, "This is about X." 71% and 58%. Two templates err less alike than one;
/// the alternatives below and the details of `ZeroShotClassifier` raise them to 75% and 61%. Other wordings
/// ("The topic is X.", "Category: X.", "It is X.") and mixtures with the bare label did worse on one of the
/// two.
///
/// A label that joins topics ("Science and technology", "returns/refunds") is put a second time, topic by
/// topic, and the best match counts: a text about technology alone is about that label. On AG News this is
/// worth four points. A description is put in the same templates and counts twice as much as the name (82%
/// on AG News with one line a topic).
public struct LabelPhrasing: Sendable, Equatable {
  /// What stands before and after the label.
  public static let templates = [
    (before: "This text is about ", after: "."), (before: "This is about ", after: "."),
  ]
  /// A label that joins more topics than this is taken as a whole: it is a sentence, not a list.
  public static let maximumAlternatives = 6
  static let descriptionWeight: Float = 2

  public let labels: [ClassificationLabel]
  /// What to embed, in this order: `templates.count` texts for each phrase of each label.
  public let texts: [String]
  /// For each label its phrases, the name as a whole first; each is the index of its first text in `texts`.
  let phrases: [[Int]]
  /// For each label the index of its description's first text, if it has one.
  let descriptions: [Int?]

  public init(_ labels: [ClassificationLabel]) {
    self.labels = labels
    var texts: [String] = []
    func put(_ phrase: String) -> Int {
      defer { texts += Self.templates.map { $0.before + phrase + $0.after } }
      return texts.count
    }
    var phrases: [[Int]] = []
    var descriptions: [Int?] = []
    for label in labels {
      let name = Self.spoken(label.name)
      phrases.append(([name] + Self.alternatives(name)).map(put))
      descriptions.append(label.description.flatMap { $0.isEmpty ? nil : put(Self.trimmed($0)) })
    }
    self.texts = texts
    self.phrases = phrases
    self.descriptions = descriptions
  }

  /// A label as one would say it: `card_arrival` and `cardArrival` become `card arrival`.
  static func spoken(_ label: String) -> String {
    var spoken = ""
    var previous: Character = " "
    for character in label {
      if character == "_" || character.isWhitespace {
        if previous != " " { spoken.append(" ") }
        previous = " "
        continue
      }
      if character.isUppercase, previous.isLowercase { spoken.append(" ") }
      spoken.append(character)
      previous = character
    }
    let name = trimmed(spoken)
    return name.isEmpty ? label : name
  }

  /// Without spaces at the ends and without a full stop or question mark at the last, which the template
  /// brings itself.
  private static func trimmed(_ text: String) -> String {
    var text = text[...]
    while let first = text.first, first.isWhitespace { text.removeFirst() }
    while let last = text.last, last.isWhitespace || ".?!,;:".contains(last) { text.removeLast() }
    return String(text)
  }

  /// The topics that a label joins, or none where it names one.
  ///
  /// A piece of one or two letters is no topic: `n/a`, `Q and A` and `R & D` stay whole.
  static func alternatives(_ name: String) -> [String] {
    var pieces: [String] = []
    var words: [Substring] = []
    func end() {
      pieces.append(words.joined(separator: " "))
      words = []
    }
    for word in name.split(separator: " ") {
      if ["and", "or", "&", "|", "/"].contains(word.lowercased()) {
        end()
        continue
      }
      let parts = word.split(omittingEmptySubsequences: false) { "/,;|".contains($0) }
      for (index, part) in parts.enumerated() {
        if index > 0 { end() }
        if !part.isEmpty { words.append(part) }
      }
    }
    end()
    // "a, b, and c" ends two pieces in a row; what lies between is nothing.
    pieces.removeAll(where: \.isEmpty)
    guard (2...maximumAlternatives).contains(pieces.count), pieces.allSatisfy({ $0.count >= 3 }) else {
      return []
    }
    return pieces
  }
}
