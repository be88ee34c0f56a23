import Diagnostics
import Inference
import JSON
import ModelFiles
import Models
import Tensor
import Threads
import Tokenization
import Training

/// Method "lora": low-rank adapters fine-tune the encoder together with the head that reads it.
///
/// Two shares of the rows stay out of the training: one tells when to stop, and by how much to temper the probabilities;
/// the other, which nothing was chosen by, gives the figures of the report.
struct LoRAClassifierTrainer: ClassifierTrainer {
  /// Of each share, one row in so many.
  private static let shares = 10
  /// The penalty of the head that the training begins with; that head needs no more than to be sensible.
  private static let initialL2 = 0.02

  func train(
    _ rows: TrainingRows, _ options: TrainingOptions, _ context: CallContext
  ) throws(SibylError) -> TrainedClassifier {
    let model = try context.requireModel()
    let start = MonotonicClock.seconds
    let folds = try FoldAssignment(
      strata: rows.rows.map(\.label), foldCount: min(Self.shares, rows.rows.count), seed: options.seed)
    let (stopping, measuring) = (folds.rows(in: 0), folds.rows(in: 1))
    let learning = rows.rows.indices.filter { folds.folds[$0] > 1 }
    let configuration = try Self.configuration(of: model)
    let encoding = RowEncoding(tokenizer: try context.tokenizer(), configuration: configuration)
    let set = try encoding.set(of: learning, in: rows)
    let heldOut = try encoding.set(of: stopping, in: rows)
    let isCancelled = { context.host.isCancelled?() == true }
    let head = try initialHead(learning, rows, context, blockWidth: configuration.dimensions, isCancelled)

    let tuner = try FineTuner(
      model.safetensors(), configuration, classNames: rows.labels, options: options.fineTuning)
    let report = context.host.classifiers
    defer { report?.trainingEnded() }
    let outcome = try InferenceEngine.shared.withTeam { (team) throws(SibylError) in
      try tuner.train(
        set, heldOut: heldOut, initialHead: head, team: team, isCancelled: isCancelled,
        report: { report?.trainingProgressed($0) })
    }
    if outcome.ending == .cancelled { throw SibylError(.cancelled, "the query was cancelled") }

    // What is stored is rounded; and it is asked by the engine, whose arithmetic is not the training's.
    var file = AdapterFile(adapter: outcome.adapter, head: outcome.head, encoder: model.digest, recipe: "")
    let scaling = try TemperatureScaling.fit(
      probabilities: probabilities(of: stopping, in: rows, by: file, context).flatMap { $0 },
      classCount: rows.labels.count, labels: stopping.map { rows.rows[$0].label },
      weights: stopping.map { Float(rows.rows[$0].count) })
    file.head = try scaling.calibrated(file.head)
    let measured = try probabilities(of: measuring, in: rows, by: file, context)
    return TrainedClassifier(
      weights: try file.bytes(),
      evaluation: ClassifierEvaluation(
        classCount: rows.labels.count, truth: measuring.map { rows.rows[$0].label },
        predictions: measured.map { row in row.indices.max { row[$0] < row[$1] } ?? 0 },
        counts: measuring.map { rows.rows[$0].count }),
      details: [
        ("held_out", .integer(Int64(measuring.reduce(0) { $0 + rows.rows[$1].count }))),
        ("temperature", .number(ClassifierReport.rounded(scaling.temperature))),
        ("steps", .integer(Int64(outcome.steps))), ("best_step", .integer(Int64(outcome.step))),
        ("stopped_early", .boolean(outcome.ending == .stoppedEarly)),
        ("tokens_per_second", .integer(Int64(outcome.tokensPerSecond))),
        ("fitting_seconds", .number(ClassifierReport.rounded(MonotonicClock.seconds - start))),
      ])
  }

  /// A head over the plain encoder's pools: adapters that begin under a useless one forget what the encoder knows.
  private func initialHead(
    _ learning: [Int], _ rows: TrainingRows, _ context: CallContext, blockWidth: Int,
    _ isCancelled: () -> Bool
  ) throws(SibylError) -> SoftmaxRegression {
    let learnt = learning.map { rows.rows[$0] }
    var trainer = HeadTrainer(blockWidth: blockWidth)
    let cores = SharedCores()
    trainer.executor = cores.executor
    do throws(SibylError) {
      return try trainer.fit(
        HeadTrainingSet(
          classNames: rows.labels, features: HeadClassifierTrainer.features(of: learnt, context),
          labels: learnt.map(\.label), weights: learnt.map { Float($0.count) },
          foldSizes: [1, learnt.count - 1]),
        l2: Self.initialL2, isCancelled: { cores.fault != nil || isCancelled() })
    } catch {
      throw cores.fault ?? error
    }
  }

  private func probabilities(
    of chosen: [Int], in rows: TrainingRows, by file: AdapterFile, _ context: CallContext
  ) throws(SibylError) -> [[Float]] {
    try LoRAClassifierModel(weights: file.bytes()).probabilities(
      of: chosen.map { rows.rows[$0].text }, context)
  }

  /// The sizes of an installed encoder.
  static func configuration(of model: InstalledModel) throws(SibylError) -> BertConfiguration {
    func json(_ name: String) throws(SibylError) -> JSON? {
      model.contains(name) ? try JSON.parse(model.file(name)) : nil
    }
    return try BertConfiguration(
      config: json("config.json") ?? .null, sentenceConfig: json("sentence_bert_config.json"))
  }
}

/// How texts become rows of a fine-tuning. One that is longer than the encoder takes at once is cut into windows, each a
/// row of its own that counts its share.
private struct RowEncoding {
  let tokenizer: WordPieceTokenizer
  let windows: TextWindows

  init(tokenizer: WordPieceTokenizer, configuration: BertConfiguration) {
    self.tokenizer = tokenizer
    windows = TextWindows(
      windowLength: configuration.windowLength, classifierID: tokenizer.classifierID,
      separatorID: tokenizer.separatorID)
  }

  func set(of chosen: [Int], in rows: TrainingRows) throws(SibylError) -> FineTuningSet {
    var set = try FineTuningSet(classNames: rows.labels)
    for row in chosen.map({ rows.rows[$0] }) {
      let ids = tokenizer.encode(row.text)
      let pieces = windows.split(tokenCount: ids.count)
      for piece in pieces {
        try set.append(
          [windows.classifierID] + ids[piece] + [windows.separatorID],
          targets: rows.labels.indices.map { $0 == row.label ? 1 : 0 },
          weight: Float(row.count) / Float(pieces.count))
      }
    }
    return set
  }
}
