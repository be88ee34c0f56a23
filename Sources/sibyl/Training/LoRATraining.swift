import Diagnostics
import Inference
import ModelFiles
import Models
import Tensor
import Tokenization
import Training

/// Fine-tunes an installed encoder on texts, with a line on the terminal that says how far it is; Ctrl-C ends it and
/// keeps the best so far.
struct LoRATraining {
  /// What is known of each row's class, as in `TrainingSet` of module Models.
  struct Labels {
    let classNames: [String]
    let targets: [Float]
    let weights: [Float]
    let offsets: [Float]
    /// One number a row; the held-out rows are a share of each.
    let strata: [Int]
  }

  let installed: InstalledModel
  let model: EncoderModel
  let arguments: LoRAOptions
  let interruption: Interruption

  init(
    _ installed: InstalledModel, _ arguments: LoRAOptions, _ interruption: Interruption
  ) throws(SibylError) {
    self.installed = installed
    self.arguments = arguments
    self.interruption = interruption
    model = try EncoderModel(installed, precision: .f32)
  }

  /// The rows that are held out of the training, to see when to stop and to calibrate what comes of it.
  func heldOutRows(_ labels: Labels) throws(SibylError) -> [Int] { try folds(labels).rows(in: 0) }

  private func folds(_ labels: Labels) throws(SibylError) -> FoldAssignment {
    try FoldAssignment(
      strata: labels.strata, foldCount: max(2, Int((1 / arguments.holdOut).rounded())), seed: arguments.seed)
  }

  /// A head of the plain encoder, with which fine-tuning begins; it does not see the rows that are held out either.
  ///
  /// - Parameter features: the plain encoder's layer pools.
  func initialHead(_ labels: Labels, features: FeatureMatrix) throws(SibylError) -> SoftmaxRegression {
    let trainer = SoftmaxRegressionTrainer(
      l2: 0.02, scaling: .standardising(features, blockWidth: model.encoder.configuration.dimensions),
      executor: .serial)
    return try trainer.fit(
      TrainingSet(
        features: features, classNames: labels.classNames, targets: labels.targets, weights: labels.weights,
        offsets: labels.offsets),
      rows: folds(labels).rows(outside: 0)
    ).regression
  }

  /// - Parameters:
  ///   - texts: one a row. Longer ones than the encoder takes at once are cut into windows, each a row of its own that
  ///     counts its share.
  ///   - head: what to begin with.
  /// - Returns: what came of it, and in words how.
  func train(
    _ texts: [String], _ labels: Labels, from head: SoftmaxRegression
  ) throws(SibylError) -> (outcome: FineTuningOutcome, report: String) {
    let folds = try folds(labels)
    let set = try self.set(texts, labels, rows: folds.rows(outside: 0))
    let heldOut = try self.set(texts, labels, rows: folds.rows(in: 0))
    let tuner = try FineTuner(
      installed.safetensors(), model.encoder.configuration, classNames: labels.classNames,
      options: arguments.options)
    print(
      "training \(NumberText.grouped(tuner.parameterCount)) numbers on \(NumberText.grouped(set.rowCount)) rows of "
        + "\(NumberText.grouped(set.tokenCount)) tokens; \(NumberText.grouped(heldOut.rowCount)) rows are held out"
    )
    var line = TrainingProgressLine()
    let outcome = try InferenceEngine.shared.withTeam { (team) throws(SibylError) in
      try tuner.train(
        set, heldOut: heldOut, initialHead: head, team: team,
        isCancelled: { interruption.isRequested }, report: { line.show($0) })
    }
    line.clear()
    let report = Self.report(outcome)
    print(
      "\(report); \(ProgressBar.duration(outcome.seconds)) at "
        + "\(NumberText.grouped(Int(outcome.tokensPerSecond))) tokens/s")
    return (outcome, report)
  }

  private func set(_ texts: [String], _ labels: Labels, rows: [Int]) throws(SibylError) -> FineTuningSet {
    let classes = labels.classNames.count
    var set = try FineTuningSet(classNames: labels.classNames)
    for row in rows {
      let cells = row * classes..<(row + 1) * classes
      let ids = model.tokenizer.encode(texts[row])
      let windows = model.windows.split(tokenCount: ids.count)
      for window in windows {
        try set.append(
          [model.windows.classifierID] + ids[window] + [model.windows.separatorID],
          targets: Array(labels.targets[cells]), weight: labels.weights[row] / Float(windows.count),
          offsets: labels.offsets.isEmpty ? [] : Array(labels.offsets[cells]))
      }
    }
    return set
  }

  /// What was trained as a file, with its numbers rounded.
  func file(_ outcome: FineTuningOutcome) throws(SibylError) -> AdapterFile {
    try stored(
      AdapterFile(adapter: outcome.adapter, head: outcome.head, encoder: installed.digest, recipe: ""))
  }

  /// The file with probabilities that are calibrated on the held-out rows, as inference reads them.
  func calibrated(
    _ file: AdapterFile, _ texts: [String], _ labels: Labels
  ) throws(SibylError) -> (file: AdapterFile, scaling: TemperatureScaling) {
    let classes = labels.classNames.count
    let rows = try heldOutRows(labels)
    func cells(_ values: [Float]) -> [Float] {
      values.isEmpty ? [] : rows.flatMap { values[$0 * classes..<($0 + 1) * classes] }
    }
    let scaling = try TemperatureScaling.fit(
      logits: file.head.logits(of: features(of: rows.map { texts[$0] }, file)), classCount: classes,
      targets: cells(labels.targets), weights: rows.map { labels.weights[$0] },
      offsets: cells(labels.offsets))
    var calibrated = file
    calibrated.head = try scaling.calibrated(file.head)
    return (try stored(calibrated), scaling)
  }

  /// A file as it will come back from disk: with its numbers rounded.
  private func stored(_ file: AdapterFile) throws(SibylError) -> AdapterFile {
    try AdapterFile(
      SafetensorsFile(bytes: file.bytes(), name: "the adapter"), configuration: model.encoder.configuration,
      encoder: installed.digest)
  }

  /// The layer pools of texts as the adapted encoder gives them at inference.
  func features(of texts: [String], _ file: AdapterFile) throws(SibylError) -> FeatureMatrix {
    let adapter = EncoderAdapter(digest: Digest(of: try file.bytes()), change: file.adapter)
    let batch = try InferenceEngine.shared.encode(
      texts, model: installed, adapter: adapter, output: .layerPools)
    return try FeatureMatrix(columnCount: batch.dimensions, values: batch.values)
  }

  /// How a training ended, in words. They hold no times, so that the same rows give the same file.
  private static func report(_ outcome: FineTuningOutcome) -> String {
    let accuracy = "\(TrainingProgressLine.percent(outcome.heldOutAccuracy)) of the held-out rows right"
    let place = "after step \(NumberText.grouped(outcome.step)) of \(NumberText.grouped(outcome.steps))"
    switch outcome.ending {
    case .complete: return "trained: \(accuracy) \(place)"
    case .stoppedEarly: return "stopped early, nothing got better: \(accuracy) \(place)"
    case .cancelled: return "stopped by you, the best so far is kept: \(accuracy) \(place)"
    }
  }
}
