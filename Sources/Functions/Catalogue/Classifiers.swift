import Diagnostics
import JSON

extension AITable {
  static let classifiers = AITable(
    name: "ai_classifiers",
    summary: "The classifiers that were trained in this database.",
    details: """
      They are rows of the table sibyl_classifiers, which is made with the first one, or in PostgreSQL of \
      sibyl.classifiers: DELETE removes one, and they are \
      saved, restored and rolled back with the rest of the database. `sibyl classifiers` moves them from one database \
      to another as files.
      """,
    columns: [
      Column("name", .text, "The name that ai_predict takes."),
      Column("method", .text, "How it was trained: head or lora."),
      Column("classes", .integer, "How many labels it knows."),
      Column("rows", .integer, "How many rows it was trained on."),
      Column("accuracy", .real, "The share of rows that it got right, cross-validated."),
      Column("macro_f1", .real, "The mean of the labels' F1, cross-validated."),
      Column("labels", .json, "Its labels, a JSON array."),
      Column("model", .text, "The encoder that reads the texts."),
      Column("created", .text, "When it was trained (UTC)."),
      Column("digest", .text, "SHA-256 of what it has learnt."),
      Column("report", .json, "What ai_train returned."),
      Column("state", .text, "ready, or what to do about it."),
    ],
    volatility: .volatile, session: SessionUse(listsClassifiers: true)
  ) { (context, _) throws(SibylError) in
    try context.host.requireClassifiers().list().map { classifier in
      let report = try? JSON.parse(classifier.report)
      return [
        .text(classifier.name), .text(classifier.method), .integer(Int64(classifier.labels.count)),
        (report?["rows"]?.integerValue).map { .integer(Int64($0)) } ?? .null,
        (report?["accuracy"]?.numberValue).map(Value.real) ?? .null,
        (report?["macro_f1"]?.numberValue).map(Value.real) ?? .null,
        .text(classifier.labelsJSON), .text(classifier.model), .text(classifier.created),
        .text(classifier.digest), .text(classifier.report), .text(classifier.state),
      ]
    }
  }
}
