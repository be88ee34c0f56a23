import Diagnostics
import JSON

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
      let options = call.decoded(2, as: TrainingOptions.self) ?? TrainingOptions()
      let training = try TrainingCall(call.text(0), options: 2, context)
      let rows = try context.told(of: 1) { () throws(SibylError) in
        var gathering = TrainingRows.Gathering()
        try training.store.forEachRow(
          of: call.text(1), columns: 2...2, expected: "one SELECT with two columns, a text and its label",
          for: context.entry
        ) { (row) throws(SibylError) in
          try gathering.add(row[0], row[1])
        }
        if options.includesFeedback {
          try gathering.correct(by: training.store.corrections(of: training.name))
        }
        return try TrainingRows(gathering)
      }
      let trained = try options.method.trainer.train(rows, options, training.context)
      return try training.store(trained, rows, options)
    })
}
