import Diagnostics
import JSON
import Models
import Threads

/// Method "head": the encoder stays as it is, and a softmax regression learns from the pools of all its layers.
struct HeadClassifierTrainer: ClassifierTrainer {
  /// Texts that are encoded between two looks at whether the caller gave up.
  private static let textsAtOnce = 2_048

  func train(
    _ rows: TrainingRows, _ options: TrainingOptions, _ context: CallContext
  ) throws(SibylError) -> TrainedClassifier {
    let model = try context.requireModel()
    let start = MonotonicClock.seconds
    let folds = try FoldAssignment(
      strata: rows.rows.map(\.label), foldCount: min(options.folds, rows.rows.count), seed: options.seed)
    let order = (0..<folds.foldCount).map { folds.rows(in: $0) }
    let ordered = order.flatMap { $0 }.map { rows.rows[$0] }
    let features = try Self.features(of: ordered, context)
    let encoded = MonotonicClock.seconds

    var trainer = HeadTrainer(blockWidth: model.manifest.dimensions ?? features.columnCount)
    if let l2 = options.l2 { trainer.l2Candidates = [l2] }
    let cores = SharedCores()
    trainer.executor = cores.executor
    let isCancelled = context.host.isCancelled
    let outcome: HeadTrainer.Outcome
    do throws(SibylError) {
      outcome = try trainer.train(
        HeadTrainingSet(
          classNames: rows.labels, features: features, labels: ordered.map(\.label),
          weights: ordered.map { Float($0.count) }, foldSizes: order.map(\.count)),
        isCancelled: { cores.fault != nil || isCancelled?() == true })
    } catch {
      throw cores.fault ?? error
    }
    let file = HeadFile(
      regression: outcome.regression, encoder: model.digest.hexadecimal, recipe: "")
    return TrainedClassifier(
      weights: try file.bytes(),
      evaluation: ClassifierEvaluation(
        classCount: rows.labels.count, truth: ordered.map(\.label), predictions: outcome.predictions,
        counts: ordered.map(\.count)),
      details: [
        ("folds", .integer(Int64(folds.foldCount))), ("l2", .number(outcome.l2)),
        ("depth", .number(outcome.depth)),
        ("temperature", .number(ClassifierReport.rounded(outcome.temperature))),
        ("log_loss", .number(ClassifierReport.rounded(outcome.logLoss))),
        ("embedding_seconds", .number(ClassifierReport.rounded(encoded - start))),
        ("fitting_seconds", .number(ClassifierReport.rounded(MonotonicClock.seconds - encoded))),
      ])
  }

  /// The layer pools of the rows' texts.
  static func features(
    of rows: [TrainingRows.Row], _ context: CallContext
  ) throws(SibylError) -> FeatureMatrix {
    var features: FeatureMatrix?
    for start in stride(from: 0, to: rows.count, by: Self.textsAtOnce) {
      let texts = rows[start..<min(start + Self.textsAtOnce, rows.count)].map(\.text)
      let pools = try context.encode(texts, .layerPools)
      if features == nil {
        features = FeatureMatrix(columnCount: pools.dimensions)
        features?.reserveCapacity(rows: rows.count)
      }
      for row in 0..<pools.count { try features?.append(pools[row]) }
    }
    guard let features else { throw SibylError(.internalFault, "there are no rows to encode") }
    return features
  }
}
