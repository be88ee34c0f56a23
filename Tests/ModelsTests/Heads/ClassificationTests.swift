import Diagnostics
import Models
import Testing

@Suite struct ClassificationTests {
  /// Embeds texts as bags of words, a fixed random direction a word: near enough to an encoder to reason
  /// about, and the same on every machine.
  private func embed(_ text: String) -> [Float] {
    var sum = [Float](repeating: 0, count: 64)
    for word in text.lowercased().split(whereSeparator: { !$0.isLetter }) {
      let seed = word.utf8.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
      var generator = HeadTestGenerator(seed: seed)
      for (index, value) in generator.unitVector(64).enumerated() { sum[index] += value }
    }
    let length = max(sum.reduce(0) { $0 + $1 * $1 }.squareRoot(), 1e-6)
    return sum.map { $0 / length }
  }

  private func classifier(_ labels: [ClassificationLabel]) throws -> ZeroShotClassifier {
    let phrasing = LabelPhrasing(labels)
    var embeddings = FeatureMatrix(columnCount: 64)
    for text in phrasing.texts { try embeddings.append(embed(text)) }
    return try ZeroShotClassifier(phrasing: phrasing, embeddings: embeddings)
  }

  private func classifier(_ names: [String]) throws -> ZeroShotClassifier {
    try classifier(names.map { ClassificationLabel($0) })
  }

  // MARK: Phrasing

  @Test func labelsAreSpokenAsWords() {
    func first(_ name: String) -> String? { LabelPhrasing([ClassificationLabel(name)]).texts.first }
    #expect(first("card_arrival") == "This text is about card arrival.")
    #expect(first("productQuality") == "This text is about product Quality.")
    #expect(first("  Refund not showing up? ") == "This text is about Refund not showing up.")
    #expect(first("e-commerce") == "This text is about e-commerce.")
    #expect(first("???") == "This text is about ???.")
    #expect(first("日本語") == "This text is about 日本語.")
  }

  @Test func joinedTopicsAreAlsoPutOneByOne() {
    func topics(_ name: String) -> [String] {
      let texts = LabelPhrasing([ClassificationLabel(name)]).texts
      return texts.filter { $0.hasPrefix("This is about ") }.map { String($0.dropFirst(14).dropLast()) }
    }
    #expect(topics("Sports") == ["Sports"])
    #expect(topics("Science and technology") == ["Science and technology", "Science", "technology"])
    #expect(topics("returns/refunds") == ["returns/refunds", "returns", "refunds"])
    #expect(topics("billing, payments, and invoices").dropFirst() == ["billing", "payments", "invoices"])
    #expect(topics("apple_pay_or_google_pay").dropFirst() == ["apple pay", "google pay"])
    for whole in ["n/a", "Q and A", "R&D", "AT&T", "and", "/", "a,b,c", "sand"] {
      #expect(topics(whole).count == 1)
    }
    #expect(topics("one, two, three, four, five, six, seven").count == 1)
  }

  // MARK: Zero-shot

  @Test func nearestLabelWins() throws {
    let classifier = try classifier(["billing", "shipping", "product quality"])
    for (index, text) in ["a billing matter", "shipping of the parcel", "poor quality product"].enumerated() {
      let probabilities = try classifier.probabilities(of: embed(text))
      #expect(abs(probabilities.reduce(0, +) - 1) < 1e-5)
      #expect(probabilities[index] == probabilities.max() && probabilities[index] > 0.5)
    }
    let joined = try self.classifier(["sports", "science and technology"])
    #expect(try joined.probabilities(of: embed("technology"))[1] > 0.9)
  }

  @Test func labelOrderDoesNotMatter() throws {
    let names = ["billing", "shipping", "product quality", "praise", "returns and refunds", "other"]
    let text = embed("the refunds for my shipping came late")
    let classifier = try classifier(names)
    let reversed = try self.classifier(names.reversed())
    for (one, other) in zip(
      try classifier.probabilities(of: text), try reversed.probabilities(of: text).reversed())
    {
      #expect(abs(one - other) < 1e-5)
    }
    for (one, other) in zip(
      try classifier.independentProbabilities(of: text),
      try reversed.independentProbabilities(of: text).reversed())
    {
      #expect(abs(one - other) < 1e-5)
    }
  }

  @Test func descriptionsMoveALabel() throws {
    let text = embed("invoices payments")
    func probability(describing described: Int?) throws -> Float {
      let labels = ["alpha", "beta"].enumerated().map {
        ClassificationLabel($1, description: $0 == described ? "invoices and payments." : nil)
      }
      return try classifier(labels).probabilities(of: text)[0]
    }
    let plain = try probability(describing: nil)
    #expect((0.02...0.98).contains(plain))
    #expect(try probability(describing: 0) > 0.99)
    #expect(try probability(describing: 1) < 0.01)
  }

  @Test func severalLabelsMayFitAtOnce() throws {
    let classifier = try classifier(["billing", "shipping"])
    let both = try classifier.independentProbabilities(of: embed("billing shipping"))
    let none = try classifier.independentProbabilities(of: embed("weather"))
    #expect(both.allSatisfy { $0 > 0.6 })
    #expect(none.allSatisfy { $0 < 0.4 })
  }

  @Test func labelsThatEmbedAlikeShareTheProbability() throws {
    let same = try classifier(["Cat", "cat"])
    #expect(try same.probabilities(of: embed("a cat")) == [0.5, 0.5])
  }

  @Test func oddVectorsAndManyLabelsAreTaken() throws {
    let many = try classifier(
      (0..<1000).map { "label \($0) word\(String(repeating: "x", count: $0 % 97))\($0)" })
    #expect(try many.probabilities(of: embed("label")).count == 1000)
    let classifier = try classifier(["a cat", "a dog"])
    for vector in [[Float](repeating: 0, count: 64), [Float](repeating: .nan, count: 64)] {
      let probabilities = try classifier.probabilities(of: vector)
      #expect(probabilities.allSatisfy { $0.isFinite } && abs(probabilities.reduce(0, +) - 1) < 1e-5)
      #expect(try classifier.independentProbabilities(of: vector).allSatisfy { (0...1).contains($0) })
    }
    #expect(throws: SibylError.self) { try classifier.probabilities(of: [1]) }
    #expect(throws: SibylError.self) { try self.classifier(["one"]) }
    #expect(throws: SibylError.self) { try self.classifier(["one", "one"]) }
    #expect(throws: SibylError.self) { try self.classifier((0...1000).map { "label\($0)" }) }
    #expect(throws: SibylError.self) {
      try ZeroShotClassifier(
        phrasing: LabelPhrasing([ClassificationLabel("a"), ClassificationLabel("b")]),
        embeddings: FeatureMatrix(columnCount: 64))
    }
  }

  // MARK: Few-shot

  private func fewShot(_ classifier: ZeroShotClassifier, _ examples: [(String, Int)]) throws
    -> FewShotClassifier
  {
    var features = FeatureMatrix(columnCount: 64)
    for (text, _) in examples { try features.append(embed(text)) }
    return try FewShotClassifier(zeroShot: classifier, examples: features, labels: examples.map(\.1))
  }

  @Test func examplesTeachWhatTheNamesDoNotSay() throws {
    let classifier = try classifier(["tier one", "tier two"])
    let taught = try fewShot(
      classifier,
      [("server down", 0), ("outage of the server", 0), ("new mouse please", 1), ("mouse is old", 1)])
    let server = try taught.probabilities(of: embed("the server has an outage"))
    let mouse = try taught.probabilities(of: embed("my mouse"))
    #expect(server[0] > 0.7 && mouse[1] > 0.7)
    #expect(abs(server.reduce(0, +) - 1) < 1e-5)
    let before = try classifier.probabilities(of: embed("the server has an outage"))
    #expect(server[0] > before[0])
    let alone = try taught.independentProbabilities(of: embed("the server has an outage"))
    let untaught = try classifier.independentProbabilities(of: embed("the server has an outage"))
    #expect(alone[0] > untaught[0] + 0.2 && alone[1] < untaught[1])
  }

  @Test func orderOfExamplesHardlyMattersAndTheSameExamplesGiveTheSameAnswer() throws {
    let classifier = try classifier(["billing", "shipping"])
    let examples = [("card charged twice", 0), ("parcel lost", 1), ("invoice wrong", 0), ("courier late", 1)]
    let text = embed("charged for a lost parcel")
    let one = try fewShot(classifier, examples).probabilities(of: text)
    #expect(try fewShot(classifier, examples).probabilities(of: text) == one)
    let other = try fewShot(classifier, examples.reversed()).probabilities(of: text)
    #expect(abs(one[0] - other[0]) < 0.01)
  }

  @Test func labelsWithoutExamplesKeepTheirNames() throws {
    let classifier = try classifier(["billing", "shipping", "praise"])
    let taught = try fewShot(classifier, [("card charged", 0), ("parcel lost", 1)])
    #expect(try taught.probabilities(of: embed("praise"))[2] > 0.5)
    let single = try fewShot(classifier, [("card charged", 0)])
    #expect(try single.probabilities(of: embed("shipping"))[1] > 0.5)
    #expect(throws: SibylError.self) { try self.fewShot(classifier, []) }
    #expect(throws: SibylError.self) { try self.fewShot(classifier, [("x", 3)]) }
    #expect(throws: SibylError.self) { try self.fewShot(classifier, [("x", -1)]) }
  }

  // MARK: Relevance

  @Test func relevanceRisesFromNothingToCertainty() {
    let cosines = stride(from: Float(-1), through: 1, by: 0.01).map { $0 }
    let relevances = cosines.map { RelevanceCalibration.relevance(cosine: $0) }
    for (lower, higher) in zip(relevances, relevances.dropFirst()) { #expect(lower < higher) }
    #expect(relevances.allSatisfy { (0...1).contains($0) })
    #expect(RelevanceCalibration.relevance(cosine: 0.05) < 0.1)
    #expect((0.7...0.95).contains(RelevanceCalibration.relevance(cosine: 0.5)))
    #expect(RelevanceCalibration.relevance(cosine: .nan) == 0)
    #expect(RelevanceCalibration.relevance(cosine: 7) == RelevanceCalibration.relevance(cosine: 1))
  }

  // MARK: Conditions

  private func conditionMatch() throws -> ConditionMatch {
    func features(_ texts: [String]) throws -> FeatureMatrix {
      var features = FeatureMatrix(columnCount: 64)
      for text in texts { try features.append(embed(text)) }
      return features
    }
    return try ConditionMatch(
      texts: try features(ConditionMatch.everydayTexts),
      conditions: try features(ConditionMatch.everydayConditions))
  }

  @Test func conditionsAreMetByTextsOfTheirMatter() throws {
    let match = try conditionMatch()
    func score(_ text: String, _ condition: String) throws -> Float {
      try match.score(text: embed(text), condition: embed(ConditionMatch.phrase(condition)))
    }
    let refund = try score("a refund please refund me", "mentions a refund")
    #expect(refund >= ConditionMatch.threshold)
    #expect(try score("rain in the north", "mentions a refund") < ConditionMatch.threshold)
    // What all conditions have in common is taken off: it makes no text meet any of them.
    #expect(try score("this text the text is about", "the text is about chess") < refund)
    #expect(abs(try score("chess", "the text is about chess")) <= 1)
  }

  @Test func conditionsOfAnotherWidthAreRefused() throws {
    let match = try conditionMatch()
    #expect(throws: SibylError.self) { try match.score(text: [1, 0], condition: embed("x")) }
    #expect(throws: SibylError.self) { try match.score(text: embed("x"), condition: []) }
    let narrow = try FeatureMatrix(columnCount: 2, values: [1, 0])
    #expect(throws: SibylError.self) {
      try ConditionMatch(texts: narrow, conditions: try FeatureMatrix(columnCount: 3, values: [1, 0, 0]))
    }
    #expect(throws: SibylError.self) {
      try ConditionMatch(texts: FeatureMatrix(columnCount: 2), conditions: narrow)
    }
  }
}
