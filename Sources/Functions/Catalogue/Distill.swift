import Diagnostics
import JSON

extension AIFunction {
  static let distill = AIFunction(
    name: "ai_distill",
    summary: "Trains a classifier on what a large model says about a sample of texts.",
    details: """
      sql is a query with one column of texts, labels are those of ai_classify. The large model labels a sample of \
      the different texts, as ai_classify(text, labels, '{"model": …}') would, with the same entries of the result \
      cache; a classifier learns from that as ai_train's method "head" does and is stored under the name as its \
      classifiers are: ai_predict then answers all texts at the encoder's speed. Returns a JSON object, which is \
      stored too: what ai_train says, and from (the large model), sample (texts that it labelled), unlabelled (those \
      of the sample that it could not), unlearnt (texts whose label it gave to no other text: they teach nothing and \
      count as disagreement), kept (different texts that are left for the classifier), agreement (the share of the \
      sample where a classifier that had not seen the text says what the large model does, by cross-validation) and \
      agreement_interval (its 95% interval, Wilson). NULL and blank texts are left out and counted as blank. options \
      is a JSON object: "from" (the large model, a decoder; by default the one that ai_config('generation_model') \
      names), "rows" (how many texts it labels, by default \(DistillationOptions().textCount)), and of ai_train \
      "model", "seed" (which also chooses the sample), "l2" and "folds". The same texts and options give the same \
      classifier, whatever the rows' order. A call that is interrupted stores nothing, but the labels so far are in \
      the result cache.
      """,
    parameters: [
      Parameter("name", .text, "What the classifier is to be called."),
      Parameter("sql", .text, "The query for the texts: 'SELECT body FROM tickets'."),
      .json("labels", "The labels to choose from.", expected: LabelSet.expected, isList: true) {
        json throws(SibylError) in
        try LabelSet(json)
      },
      .options { json throws(SibylError) in try DistillationOptions(json) },
    ],
    returns: .json,
    examples: [
      Example(
        "SELECT json_extract(ai_distill('topics', 'VALUES (''The striker won the match.''), "
          + "(''The goalkeeper lost the final.''), (''The champion broke the record.''), "
          + "(''The bank sold its shares.''), (''The retailer reported a loss.''), (''The insurer paid a dividend.'')', '[\"sports\",\"business\"]'), "
          + "'$.from', '$.sample', '$.kept');",
        gives: "[\"smollm2\",6,0]",
        postgres: Example.Statement(
          "SELECT report->>'from', report->>'sample', report->>'kept' FROM ai_distill('topics', 'VALUES "
            + "(''The striker won the match.''), (''The goalkeeper lost the final.''), "
            + "(''The champion broke the record.''), (''The bank sold its shares.''), "
            + "(''The retailer reported a loss.''), (''The insurer paid a dividend.'')', "
            + "ARRAY['sports', 'business']) AS report;", gives: "smollm2|6|0"))
    ],
    volatility: .volatile, session: SessionUse(query: 1, stores: .classifier),
    model: .embedding(
      named: { $0.decoded(3, as: DistillationOptions.self)?.training.model },
      further: { $0.decoded(3, as: DistillationOptions.self)?.teacher }),
    eachCall: { (context, call) throws(SibylError) in
      let options = call.decoded(3, as: DistillationOptions.self) ?? DistillationOptions()
      let training = try TrainingCall(call.text(0), options: 3, context)
      let teacher = try ModelSelection.model(named: options.teacher ?? Settings.shared.generationModel)
        .installed
      guard teacher.manifest.kind == .decoder else {
        throw context.argumentError(
          3, "must have a decoder as from; \(teacher.name) is an \(teacher.manifest.kind.rawValue)")
      }
      let sample = try context.told(of: 1) { () throws(SibylError) in
        var sample = DistillationSample(count: options.textCount, seed: options.training.seed)
        try training.store.forEachRow(
          of: call.text(1), columns: 1...1, expected: "one SELECT with one column of texts",
          for: context.entry
        ) { (row) throws(SibylError) in
          try sample.add(row[0])
        }
        try sample.end()
        return sample
      }
      let labelled = try Distillation.labelled(
        sample.texts, by: teacher.name, labels: call.text(2), training.context)
      let distillation = try context.told(of: 1) { () throws(SibylError) in
        try Distillation(labelled, of: sample, by: teacher.name)
      }
      let fitted = try options.training.method.trainer.train(
        distillation.rows, options.training, training.context)
      let trained = TrainedClassifier(
        weights: fitted.weights, evaluation: fitted.evaluation,
        details: distillation.details(fitted.evaluation) + fitted.details)
      return try training.store(trained, distillation.rows, options.training)
    })
}
