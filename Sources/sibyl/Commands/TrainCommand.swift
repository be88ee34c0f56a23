import ArgumentParser
import Diagnostics
import Inference
import ModelFiles
import Models

/// `sibyl train`
struct TrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train", abstract: "Train the classifier heads that Sibyl ships.",
    subcommands: [TrainSentimentCommand.self])
}

/// `sibyl train sentiment`
struct TrainSentimentCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sentiment",
    abstract: "Train the sentiment head from labelled texts.",
    discussion: """
      FOLDER holds one folder a data set with a train.csv, whose columns are text and either label (negative, \
      neutral, positive) or score (-4 to 4). Where a dev.csv lies beside it, the new head is measured on it; \
      it is not trained on it. The L2 penalty is chosen by cross-validation. The same data gives the same \
      file, bit for bit.
      """)

  @Option(help: ArgumentHelp("Where the data sets are.", valueName: "folder"))
  var data: String

  @Option(help: ArgumentHelp("The head's file.", valueName: "file"))
  var output: String

  @Option(help: "The encoder whose vectors the head reads.")
  var model = ModelCatalogue.defaultEncoder

  @Option(help: "The data sets to learn from, with commas between.")
  var sources = "sst2,tweets_sentiment,product_reviews,editorials,tweets_intensity"

  @Option(help: "The L2 penalties to choose from by cross-validation, with commas between.")
  var l2 = SentimentRecipe().l2Candidates.map { "\($0)" }.joined(separator: ",")

  func run() throws {
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

  /// The rows of `file` in each source that has one, through the engine; nil where none has.
  private func encode(
    _ names: [String], file: String, _ installed: InstalledModel
  ) throws -> SentimentTrainingSet? {
    var set: SentimentTrainingSet?
    for name in names {
      let path = "\(data)/\(name)/\(file)"
      guard let rows = try LabelledTexts(path: path) else { continue }
      let batch = try InferenceEngine.shared.encode(rows.texts, model: installed, output: .layerPools)
      var filled = set ?? SentimentTrainingSet(featureCount: batch.dimensions)
      try filled.append(
        source: name, features: FeatureMatrix(columnCount: batch.dimensions, values: batch.values),
        annotations: rows.annotations)
      set = filled
    }
    return set
  }
}
