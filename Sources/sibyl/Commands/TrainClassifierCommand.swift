import ArgumentParser
import Diagnostics
import Inference
import ModelFiles
import Models

/// `sibyl train classifier`
struct TrainClassifierCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "classifier",
    abstract: "Train a classifier that sorts texts under labels of your own.",
    discussion: """
      FILE is a CSV file with the columns text and label. With --method lora the encoder is fine-tuned by low-rank \
      adapters; a share of the rows is held out to see when to stop, and Ctrl-C keeps the best so far. With --method \
      head a linear head over the encoder's layers is trained, whose L2 penalty is chosen by cross-validation; on a few \
      thousand rows it is often as good, and made in seconds. The same rows and seed give the same file, bit for bit.
      """)

  @Option(help: ArgumentHelp("The rows to learn from.", valueName: "file"))
  var data: String

  @Option(help: ArgumentHelp("Rows to measure the result on; it is not trained on them.", valueName: "file"))
  var test: String?

  @Option(help: ArgumentHelp("The head's or the adapter's file.", valueName: "file"))
  var output: String

  @Option(help: "What is trained: \(Method.allCases.map(\.rawValue).joined(separator: " or ")).")
  var method = Method.lora

  @Option(help: "The encoder.")
  var model = ModelCatalogue.defaultEncoder

  @OptionGroup
  var lora: LoRAOptions

  enum Method: String, CaseIterable, ExpressibleByArgument {
    case head
    case lora
  }

  /// Texts with their labels as numbers.
  private struct Rows {
    let texts: [String]
    let labels: [Int]
  }

  func run() throws {
    let given = try ClassifiedTexts(path: data)
    let classes = given.classNames
    let numbers = Dictionary(uniqueKeysWithValues: classes.enumerated().map { ($1, $0) })
    let testRows = try test.map { path throws(SibylError) in
      let rows = try ClassifiedTexts(path: path)
      if let unknown = rows.labels.first(where: { numbers[$0] == nil }) {
        throw SibylError(
          .invalidArgument, "no row of \(data) has the label \"\(unknown)\", which \(path) asks for")
      }
      return Rows(texts: rows.texts, labels: rows.labels.compactMap { numbers[$0] })
    }
    let rows = Rows(texts: given.texts, labels: given.labels.compactMap { numbers[$0] })
    let installed = try ModelStore().model(named: model)
    let bytes =
      switch method {
      case .head: try trainHead(rows, classes, testRows, installed)
      case .lora: try trainAdapter(rows, classes, testRows, installed)
      }
    try write(bytes, to: output)
    print("wrote \(output): \(NumberText.grouped(bytes.count)) bytes")
  }

  // MARK: Methods

  private static let folds = 5
  private static let l2Candidates = [3, 1, 0.3, 0.1, 0.03, 0.01, 0.003]

  private func trainHead(
    _ rows: Rows, _ classes: [String], _ testRows: Rows?, _ installed: InstalledModel
  ) throws -> [UInt8] {
    let folds = try FoldAssignment(strata: rows.labels, foldCount: Self.folds, seed: lora.seed)
    let order = (0..<folds.foldCount).map { folds.rows(in: $0) }
    let ordered = order.flatMap { $0 }
    let labels = ordered.map { rows.labels[$0] }
    let features = try features(of: ordered.map { rows.texts[$0] }, installed)
    var trainer = HeadTrainer(blockWidth: installed.manifest.dimensions ?? features.columnCount)
    trainer.l2Candidates = Self.l2Candidates
    let interruption = Interruption()
    interruption.listen()
    let outcome = try trainer.train(
      HeadTrainingSet(
        classNames: classes, features: features, labels: labels,
        weights: [Float](repeating: 1, count: labels.count), foldSizes: order.map(\.count)),
      isCancelled: { interruption.isRequested })
    let crossValidated = ClassifierEvaluation(
      classCount: classes.count, truth: labels, predictions: outcome.predictions,
      counts: [Int](repeating: 1, count: labels.count))
    var lines = [
      "softmax regression, L2 \(outcome.l2) chosen by cross-validation; "
        + "\(TemperatureScaling(temperature: outcome.temperature))",
      "\(NumberText.grouped(labels.count)) rows, cross-validated: \(Self.figures(crossValidated))",
    ]
    if let testRows {
      lines.append(
        try measured(outcome.regression, self.features(of: testRows.texts, installed), testRows.labels))
    }
    print(lines.joined(separator: "\n"))
    return try HeadFile(
      regression: outcome.regression, encoder: installed.digest.hexadecimal,
      recipe: (["sibyl train classifier --method head --model \(model) --seed \(lora.seed)"] + lines)
        .joined(separator: "\n")
    ).bytes()
  }

  private func trainAdapter(
    _ rows: Rows, _ classes: [String], _ testRows: Rows?, _ installed: InstalledModel
  ) throws -> [UInt8] {
    let interruption = Interruption()
    interruption.listen()
    let training = try LoRATraining(installed, lora, interruption)
    let features = try features(of: rows.texts, installed)
    let known = try TrainingSet(features: features, classNames: classes, labels: rows.labels)
    let labels = LoRATraining.Labels(
      classNames: classes, targets: known.targets, weights: known.weights, offsets: known.offsets,
      strata: rows.labels)
    let (outcome, report) = try training.train(
      rows.texts, labels, from: training.initialHead(labels, features: features))
    let (calibrated, scaling) = try training.calibrated(training.file(outcome), rows.texts, labels)
    var file = calibrated
    file.recipe = "sibyl train classifier --model \(model) \(lora.commandLine)\n\(report); \(scaling)"
    if let testRows {
      let line = try measured(file.head, training.features(of: testRows.texts, file), testRows.labels)
      print(line)
      file.recipe += "\n" + line
    }
    return try file.bytes()
  }

  // MARK: Measuring

  private func features(of texts: [String], _ installed: InstalledModel) throws(SibylError) -> FeatureMatrix {
    let batch = try InferenceEngine.shared.encode(texts, model: installed, output: .layerPools)
    return try FeatureMatrix(columnCount: batch.dimensions, values: batch.values)
  }

  private func measured(
    _ head: SoftmaxRegression, _ features: FeatureMatrix, _ labels: [Int]
  ) throws(SibylError) -> String {
    let probabilities = try head.probabilities(of: features)
    var bins = CalibrationBins()
    let predictions = labels.indices.map { row in
      let cells = probabilities[row * head.classCount..<(row + 1) * head.classCount]
      let best = cells.indices.max { (cells[$0], $1) < (cells[$1], $0) } ?? cells.startIndex
      bins.add(Double(cells[best]), isRight: best - cells.startIndex == labels[row])
      return best - cells.startIndex
    }
    let found = ClassifierEvaluation(
      classCount: head.classCount, truth: labels, predictions: predictions,
      counts: [Int](repeating: 1, count: labels.count))
    return "\(NumberText.grouped(labels.count)) test rows: \(Self.figures(found)), calibration error "
      + TrainingProgressLine.percent(bins.error())
  }

  private static func figures(_ found: ClassifierEvaluation) -> String {
    let recall = found.classes.reduce(0) { $0 + $1.recall } / Double(max(found.classes.count, 1))
    return "\(TrainingProgressLine.percent(found.accuracy)) right, macro recall "
      + "\(TrainingProgressLine.percent(recall)), macro F1 \(TrainingProgressLine.percent(found.macroF1))"
  }
}
