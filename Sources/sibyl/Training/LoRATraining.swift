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

  /// - Parameters:
  ///   - texts: one a row. Longer ones than the encoder takes at once are cut into windows, each a row of its own that
  ///     counts its share.
  ///   - features: the plain encoder's layer pools, on which the head is trained before the encoder is; nil begins
  ///     with a head of zeros.
  func train(_ texts: [String], _ labels: Labels, features: FeatureMatrix?) throws(SibylError)
    -> FineTuningOutcome
  {
    let folds = try FoldAssignment(
      strata: labels.strata, foldCount: max(2, Int((1 / arguments.holdOut).rounded())), seed: arguments.seed)
    let set = try self.set(texts, labels, rows: folds.rows(outside: 0))
    let heldOut = try self.set(texts, labels, rows: folds.rows(in: 0))
    var head: SoftmaxRegression?
    if let features {
      let trainer = SoftmaxRegressionTrainer(
        l2: 0.02,
        scaling: .standardising(features, blockWidth: model.encoder.configuration.dimensions),
        executor: .serial)
      head = try trainer.fit(
        TrainingSet(
          features: features, classNames: labels.classNames, targets: labels.targets, weights: labels.weights,
          offsets: labels.offsets),
        rows: folds.rows(outside: 0)
      ).regression
    }
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
    print(Self.report(outcome))
    return outcome
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

  /// The outcome as its file will give it back: with its numbers rounded.
  func stored(_ outcome: FineTuningOutcome, recipe: String) throws(SibylError) -> AdapterFile {
    let file = AdapterFile(
      adapter: outcome.adapter, head: outcome.head, encoder: installed.digest, recipe: recipe)
    return try AdapterFile(
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

  /// How a training ended, in words.
  static func report(_ outcome: FineTuningOutcome) -> String {
    let accuracy = "\(TrainingProgressLine.percent(outcome.heldOutAccuracy)) of the held-out rows right"
    let pace =
      "\(ProgressBar.duration(outcome.seconds)) at \(NumberText.grouped(Int(outcome.tokensPerSecond))) tokens/s"
    let place = "after step \(NumberText.grouped(outcome.step)) of \(NumberText.grouped(outcome.steps))"
    switch outcome.ending {
    case .complete: return "trained: \(accuracy) \(place); \(pace)"
    case .stoppedEarly: return "stopped early, nothing got better: \(accuracy) \(place); \(pace)"
    case .cancelled: return "stopped by you, the best so far is kept: \(accuracy) \(place); \(pace)"
    }
  }
}
