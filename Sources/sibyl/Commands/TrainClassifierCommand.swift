import ArgumentParser
import Diagnostics
import Inference
import ModelFiles
import Models

/// `sibyl train classifier`
struct TrainClassifierCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "classifier",
    abstract: "Fine-tune the encoder to sort texts under labels of your own (LoRA).",
    discussion: """
      FILE is a CSV file with the columns text and label. A share of the rows is held out to see when to stop. \
      Ctrl-C keeps the best so far. The same rows and seed give the same file, bit for bit.
      """)

  @Option(help: ArgumentHelp("The rows to learn from.", valueName: "file"))
  var data: String

  @Option(help: ArgumentHelp("Rows to measure the result on; it is not trained on them.", valueName: "file"))
  var test: String?

  @Option(help: ArgumentHelp("The adapter's file.", valueName: "file"))
  var output: String

  @Option(help: "The encoder.")
  var model = ModelCatalogue.defaultEncoder

  @OptionGroup
  var lora: LoRAOptions

  func run() throws {
    let interruption = Interruption()
    interruption.listen()
    let rows = try ClassifiedTexts(path: data)
    let classes = rows.classNames
    let testRows = try test.map { path throws(SibylError) in try ClassifiedTexts(path: path) }
    if let unknown = testRows?.labels.first(where: { !classes.contains($0) }) {
      throw SibylError(
        .invalidArgument, "no row of \(data) has the label \"\(unknown)\", which \(test ?? "") asks for")
    }
    let numbers = Dictionary(uniqueKeysWithValues: classes.enumerated().map { ($1, $0) })
    let labels = rows.labels.compactMap { numbers[$0] }
    let installed = try ModelStore().model(named: model)
    let training = try LoRATraining(installed, lora, interruption)
    let batch = try InferenceEngine.shared.encode(rows.texts, model: installed, output: .layerPools)
    let features = try FeatureMatrix(columnCount: batch.dimensions, values: batch.values)
    let known = try TrainingSet(features: features, classNames: classes, labels: labels)
    let outcome = try training.train(
      rows.texts,
      LoRATraining.Labels(
        classNames: classes, targets: known.targets, weights: known.weights, offsets: known.offsets,
        strata: labels),
      features: features)
    var file = try training.stored(
      outcome,
      recipe: "sibyl train classifier --model \(model) \(lora.commandLine)\n\(LoRATraining.report(outcome))")
    if let testRows {
      let probabilities = try file.head.probabilities(of: training.features(of: testRows.texts, file))
      let right = testRows.labels.indices.count { row in
        let cells = probabilities[row * classes.count..<(row + 1) * classes.count]
        let best = cells.indices.max { cells[$0] < cells[$1] } ?? cells.startIndex
        return classes[best - cells.startIndex] == testRows.labels[row]
      }
      let share = TrainingProgressLine.percent(Double(right) / Double(max(testRows.labels.count, 1)))
      let measured = "\(NumberText.grouped(testRows.labels.count)) test rows: \(share) right"
      print(measured)
      file.recipe += "\n" + measured
    }
    let bytes = try file.bytes()
    try write(bytes, to: output)
    print("wrote \(output): \(NumberText.grouped(bytes.count)) bytes")
  }
}
