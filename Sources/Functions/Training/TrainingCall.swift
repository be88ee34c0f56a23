import Diagnostics
import ModelFiles
import Threads

/// A call that trains a classifier: how it begins and how it ends, whatever it learns from.
struct TrainingCall {
  /// The classifier's.
  let name: String
  let store: any ClassifierStore
  /// The encoder that is learnt on.
  private let model: InstalledModel
  private let start = MonotonicClock.seconds
  /// What the training may use: the store is its host, which knows when the user gives up.
  let context: CallContext

  /// - Parameters:
  ///   - name: the function's first argument.
  ///   - options: the position of its options, which name the encoder.
  /// - Throws: `invalidArgument` about the name or the encoder; what keeps the store from being written.
  init(_ name: String, options: Int, _ context: CallContext) throws(SibylError) {
    self.name = name
    store = try context.host.requireClassifiers()
    try context.told(of: 0) { () throws(SibylError) in try StoredClassifier.check(name: name) }
    model = try context.requireModel()
    guard model.manifest.kind == .encoder else {
      throw context.argumentError(
        options, "must have an encoder as model; \(model.name) is a \(model.manifest.kind.rawValue)")
    }
    try store.checkWritable(for: "the classifier")
    self.context = CallContext(
      entry: context.entry, host: store, model: context.model, evaluator: context.evaluator)
  }

  /// Stores what was learnt.
  ///
  /// - Returns: the report, as the function answers it.
  /// - Throws: `cancelled` where the user has given up; nothing is stored then.
  func store(
    _ trained: TrainedClassifier, _ rows: TrainingRows, _ options: TrainingOptions
  ) throws(SibylError) -> Value {
    let digest = Digest(of: trained.weights).hexadecimal
    let report = ClassifierReport.json(
      name: name, options, rows, trained, modelName: model.name, digest: digest,
      seconds: MonotonicClock.seconds - start)
    if store.isCancelled?() == true { throw SibylError(.cancelled, "the query was cancelled") }
    try store.store(
      StoredClassifier(
        name: name, method: options.method.rawValue, model: model.name,
        encoder: model.digest.hexadecimal, labels: rows.labels, report: report,
        created: Timestamp.now(), digest: digest, weights: trained.weights))
    return .text(report)
  }
}
