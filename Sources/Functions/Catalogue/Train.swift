import Diagnostics
import JSON
import ModelFiles
import Threads

extension AIFunction {
  static let train = AIFunction(
    name: "ai_train",
    summary: "Trains a classifier on labelled texts, and says how good it is.",
    details: """
      sql is a query with two columns, a text and its label: at least 2 labels with 2 different texts each; NULL is an \
      error, blank texts are left out. What is learnt is stored under the name in the table sibyl_classifiers of the \
      main database (in PostgreSQL sibyl.classifiers), in the transaction around the call, and replaces what had that \
      name; ai_predict and ai_predict_proba ask it, ai_classifiers() lists it, and DELETE removes its row. \
      Returns a JSON object, which is stored too: rows, distinct, classes, accuracy and macro_f1, per_class (rows, \
      precision, recall, f1) and confusion (true label: {predicted label: rows}), all measured on rows that the \
      classifier had not seen; seconds, digest. options is a JSON object. "method": "head" (the default: a softmax \
      regression over the encoder's layers, in seconds; the figures are cross-validated) or "lora" (the encoder is \
      fine-tuned too, by low-rank adapters, in minutes; a tenth of the rows tells when to stop, another tenth gives the \
      figures). "from": "feedback" (what ai_feedback was told of this classifier is learnt too, and wins over the \
      query's labels of the same texts), "model" (another encoder) and "seed" (how the rows are dealt). For "head": "l2" \
      (the strength of the penalty; without it, it is chosen by cross-validation) and "folds" (of the cross-validation, \
      2 to 20, by default 5). For "lora": "epochs" (at most so many, by default 3), "patience" (half epochs without gain \
      that end the training, by default 4), "rank" (8), "learning_rate" (0.001) and "batch_size" (32). The same rows and \
      options give the same classifier, bit for bit, whatever the rows' order. At most \
      \(Limits.maximumTrainingRows) rows and \(Limits.maximumLabels) labels.
      """,
    parameters: [
      Parameter("name", .text, "What the classifier is to be called."),
      Parameter("sql", .text, "The query for texts and labels: 'SELECT body, label FROM labelled'."),
      .options { json throws(SibylError) in try TrainingOptions(json) },
    ],
    returns: .json,
    examples: [
      Example(
        "SELECT json_extract(ai_train('moods', 'SELECT * FROM (VALUES (''I love it'', ''good''), "
          + "(''Wonderful'', ''good''), (''I hate it'', ''bad''), (''Terrible'', ''bad''))'), '$.rows', '$.classes');",
        gives: "[4,2]",
        postgres: Example.Statement(
          "SELECT report->>'rows', report->>'classes' FROM ai_train('moods', 'SELECT * FROM (VALUES (''I love it'', "
            + "''good''), (''Wonderful'', ''good''), (''I hate it'', ''bad''), (''Terrible'', ''bad'')) AS labelled') AS report;",
          gives: "4|2"))
    ],
    volatility: .volatile, session: SessionUse(query: 1, corrections: 0, stores: .classifier),
    model: .embedding { $0.decoded(2, as: TrainingOptions.self)?.model },
    eachCall: { (context, call) throws(SibylError) in
      let start = MonotonicClock.seconds
      let store = try context.host.requireClassifiers()
      let options = call.decoded(2, as: TrainingOptions.self) ?? TrainingOptions()
      let name = call.text(0)
      try context.told(of: 0) { () throws(SibylError) in try StoredClassifier.check(name: name) }
      let model = try context.requireModel()
      guard model.manifest.kind == .encoder else {
        throw context.argumentError(
          2, "must have an encoder as model; \(model.name) is a \(model.manifest.kind.rawValue)")
      }
      try store.checkWritable(for: "the classifier")
      let rows = try context.told(of: 1) { () throws(SibylError) in
        var gathering = TrainingRows.Gathering()
        try store.forEachRow(
          of: call.text(1), columns: 2...2, expected: "one SELECT with two columns, a text and its label",
          for: context.entry
        ) { (row) throws(SibylError) in
          try gathering.add(row[0], row[1])
        }
        if options.includesFeedback { try gathering.correct(by: store.corrections(of: name)) }
        return try TrainingRows(gathering)
      }

      // The store is the host of what follows: it knows when the user gives up.
      let interruptible = CallContext(
        entry: context.entry, host: store, model: context.model, evaluator: context.evaluator)
      let trained = try options.method.trainer.train(rows, options, interruptible)
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
    })
}
