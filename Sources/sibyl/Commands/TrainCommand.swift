import ArgumentParser
import Diagnostics
import Inference
import ModelFiles
import Models

/// `sibyl train`
struct TrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train", abstract: "Train classifiers.",
    subcommands: [TrainSentimentCommand.self, TrainClassifierCommand.self])
}

/// `sibyl train sentiment`
struct TrainSentimentCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sentiment",
    abstract: "Train the sentiment classifier from labelled texts.",
    discussion: """
      FOLDER holds one folder a data set with a train.csv, whose columns are text and either label (negative, \
      neutral, positive) or score (-4 to 4). Where a dev.csv lies beside it, the new head is measured on it; \
      it is not trained on it. The same data gives the same file, bit for bit.

      With --method head, a linear head over the encoder's layers is trained; its L2 penalty is chosen by \
      cross-validation. With --method lora, the encoder is fine-tuned too, by low-rank adapters; that takes \
      minutes, and Ctrl-C keeps the best so far.
      """)

  @Option(help: ArgumentHelp("Where the data sets are.", valueName: "folder"))
  var data: String

  @Option(help: ArgumentHelp("The head's or the adapter's file.", valueName: "file"))
  var output: String

  @Option(help: "What is trained: \(Method.allCases.map(\.rawValue).joined(separator: " or ")).")
  var method = Method.head

  @Option(help: "The encoder whose vectors the head reads.")
  var model = ModelCatalogue.defaultEncoder

  @Option(help: "The data sets to learn from, with commas between.")
  var sources = "sst2,tweets_sentiment,product_reviews,editorials,tweets_intensity"

  @Option(help: "The L2 penalties to choose from by cross-validation, with commas between.")
  var l2 = SentimentRecipe().l2Candidates.map { "\($0)" }.joined(separator: ",")

  @OptionGroup
  var lora: LoRAOptions

  enum Method: String, CaseIterable, ExpressibleByArgument {
    case head
    case lora
  }

  func run() throws {
    switch method {
    case .head: try trainHead()
    case .lora: try trainAdapter()
    }
  }

  private func trainHead() throws {
    var recipe = SentimentRecipe()
    recipe.l2Candidates = try l2.split(separator: ",").map { text in
      guard let penalty = Double(text), penalty > 0, penalty.isFinite else {
        throw ValidationError("--l2 takes positive numbers, not \"\(text)\"")
      }
      return penalty
    }
    let installed = try ModelStore().model(named: model)
    let names = sources.split(separator: ",").map(String.init)
    print("encoding \(names.joined(separator: ", "))")
    guard let training = try encode(names, file: "train.csv", installed) else {
      throw SibylError(.invalidArgument, "none of \(sources) has a train.csv in \(data)")
    }
    print("training on \(training.annotations.count) rows")
    let outcome = try SentimentTraining(recipe: recipe).train(training)
    for candidate in outcome.candidates { print("L2 \(candidate.l2): score \(candidate.score)") }
    print(outcome.report)
    var measured = ""
    if let held = try encode(names, file: "dev.csv", installed) {
      let lines = try SentimentTraining().evaluate(outcome.regression, on: held).map(\.summary)
      measured = (["held-out:"] + lines).joined(separator: "\n")
      print(measured)
    }
    let file = HeadFile(
      regression: outcome.regression, encoder: installed.digest.hexadecimal,
      recipe:
        "sibyl train sentiment --sources \(sources) --model \(model) --l2 \(l2)\n\(outcome.report)\n\(measured)"
    )
    let bytes = try file.bytes()
    try write(bytes, to: output)
    print("wrote \(output): \(bytes.count) bytes")
  }

  private func trainAdapter() throws {
    let interruption = Interruption()
    interruption.listen()
    let installed = try ModelStore().model(named: model)
    let names = sources.split(separator: ",").map(String.init)
    let training = try LoRATraining(installed, lora, interruption)
    guard let rows = try labelledTexts(names, file: "train.csv") else {
      throw SibylError(.invalidArgument, "none of \(sources) has a train.csv in \(data)")
    }
    print("encoding \(names.joined(separator: ", "))")
    let set = try encode(rows, installed)
    let recipe = SentimentRecipe()
    let known = try recipe.trainingSet(set)
    let texts = rows.flatMap { $0.texts.texts }
    let labels = LoRATraining.Labels(
      classNames: known.classNames, targets: known.targets, weights: known.weights, offsets: known.offsets,
      strata: SentimentTraining(recipe: recipe).strata(of: set))
    let plain = try training.initialHead(labels, features: set.features)
    let (outcome, report) = try training.train(texts, labels, from: plain)
    let (calibrated, scaling) = try training.calibrated(training.file(outcome), texts, labels)
    var file = calibrated
    file.recipe =
      "sibyl train sentiment --method lora --sources \(sources) --model \(model) \(lora.commandLine)\n"
      + "\(report); \(scaling)"

    var measured: [String] = []
    let heldOutRows = try training.heldOutRows(labels)
    measured.append("rows held out of the training, by a head of the plain encoder:")
    measured += try figures(of: plain, on: set.rows(heldOutRows))
    measured.append("the same rows, fine-tuned:")
    measured += try figures(
      of: file.head,
      on: set.rows(heldOutRows, features: training.features(of: heldOutRows.map { texts[$0] }, file)))
    if let held = try labelledTexts(names, file: "dev.csv") {
      measured.append("dev:")
      measured += try figures(
        of: file.head,
        on: self.set(held) { texts throws(SibylError) in try training.features(of: texts, file) })
    }
    print(measured.joined(separator: "\n"))
    file.recipe += "\n" + measured.joined(separator: "\n")
    let bytes = try file.bytes()
    try write(bytes, to: output)
    print("wrote \(output): \(NumberText.grouped(bytes.count)) bytes")
  }

  private func figures(of head: SoftmaxRegression, on set: SentimentTrainingSet) throws -> [String] {
    try SentimentTraining().evaluate(head, on: set).map(\.summary)
  }

  /// The rows of `file` in each source that has one; nil where none has.
  private func labelledTexts(
    _ names: [String], file: String
  ) throws -> [(name: String, texts: LabelledTexts)]? {
    let found = try names.compactMap { name in
      try LabelledTexts(path: "\(data)/\(name)/\(file)").map { (name: name, texts: $0) }
    }
    return found.isEmpty ? nil : found
  }

  private func set(
    _ rows: [(name: String, texts: LabelledTexts)],
    _ features: ([String]) throws(SibylError) -> FeatureMatrix
  ) throws -> SentimentTrainingSet {
    var set: SentimentTrainingSet?
    for (name, texts) in rows {
      let matrix = try features(texts.texts)
      var filled = set ?? SentimentTrainingSet(featureCount: matrix.columnCount)
      try filled.append(source: name, features: matrix, annotations: texts.annotations)
      set = filled
    }
    return set ?? SentimentTrainingSet(featureCount: 1)
  }

  /// The rows of `file` in each source that has one, through the engine; nil where none has.
  private func encode(
    _ names: [String], file: String, _ installed: InstalledModel
  ) throws -> SentimentTrainingSet? {
    guard let rows = try labelledTexts(names, file: file) else { return nil }
    return try encode(rows, installed)
  }

  private func encode(
    _ rows: [(name: String, texts: LabelledTexts)], _ installed: InstalledModel
  ) throws -> SentimentTrainingSet {
    try set(rows) { texts throws(SibylError) in
      let batch = try InferenceEngine.shared.encode(texts, model: installed, output: .layerPools)
      return try FeatureMatrix(columnCount: batch.dimensions, values: batch.values)
    }
  }
}
