import JSON
import Models

/// What `ai_train` says about a classifier: a JSON object that is returned, and kept with the classifier.
enum ClassifierReport {
  static func json(
    name: String, _ options: TrainingOptions, _ rows: TrainingRows, _ trained: TrainedClassifier,
    modelName: String, digest: String, seconds: Double
  ) -> String {
    let evaluation = trained.evaluation
    var members: [(String, JSON)] = [
      ("name", .string(name)), ("method", .string(options.method.rawValue)), ("model", .string(modelName)),
      ("rows", .integer(Int64(rows.rowCount))), ("distinct", .integer(Int64(rows.rows.count))),
      ("blank", .integer(Int64(rows.blankCount))), ("classes", .integer(Int64(rows.labels.count))),
      ("accuracy", .number(rounded(evaluation.accuracy))), ("macro_f1", .number(rounded(evaluation.macroF1))),
    ]
    if let count = rows.correctionCount { members.append(("corrections", .integer(Int64(count)))) }
    members += trained.details
    members += [("seconds", .number(rounded(seconds))), ("digest", .string(digest))]
    members.append(
      (
        "per_class",
        .object(
          JSONObject(
            zip(rows.labels, evaluation.classes).map { label, figures -> (String, JSON) in
              (
                label,
                [
                  "rows": .integer(Int64(figures.rowCount)), "precision": .number(rounded(figures.precision)),
                  "recall": .number(rounded(figures.recall)), "f1": .number(rounded(figures.f1)),
                ]
              )
            }))
      ))
    members.append(
      (
        "confusion",
        .object(
          JSONObject(
            zip(rows.labels, evaluation.confusion).map { label, predicted -> (String, JSON) in
              let cells = predicted.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
              return (
                label, .object(JSONObject(cells.map { (rows.labels[$0.key], .integer(Int64($0.value))) }))
              )
            }))
      ))
    return JSON.object(JSONObject(members)).serialized()
  }

  /// Four digits behind the point: more would be noise.
  static func rounded(_ number: Double) -> Double { (number * 10_000).rounded() / 10_000 }
}
