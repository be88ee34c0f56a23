import Diagnostics

extension AIFunction {
  static let evaluate = AIFunction(
    name: "ai_evaluate",
    summary: "How accurate predictions are, for rows whose right labels are known.",
    details: """
      The statement gives two columns, the prediction and the right label, and may give a third: the probability, 0 to \
      1, that the prediction claims for itself. AI calls in it are computed in batches first, as ai_prefetch does. \
      Returns a JSON object: rows, unanswered (predictions that are NULL; they count as wrong), unlabelled (rows \
      without a right label, left out), accuracy, macro_f1 (the mean F1 of all labels), with a third column \
      calibration_error (how far stated probabilities are from the share that was right, in 15 bins), the same with \
      _interval for each: where it would lie in 19 of 20 samples like this one (bootstrap), classes (rows, \
      precision, recall and f1 of each label) and confusion (right label, then what was predicted for it).
      """,
    parameters: [
      Parameter("sql", .text, "A SELECT of the prediction, the right label and perhaps a probability.")
    ],
    returns: .json,
    examples: [
      Example(
        "SELECT json_extract(ai_evaluate('SELECT ai_sentiment(column1), column2 FROM (VALUES "
          + "(''It works perfectly'', ''positive''), (''Broken again'', ''negative''))'), '$.accuracy');",
        gives: "1.0",
        postgres: Example.Statement(
          "SELECT ai_evaluate('SELECT ai_sentiment(body), mood FROM (VALUES (''It works perfectly'', ''positive''), "
            + "(''Broken again'', ''negative'')) AS labelled (body, mood)') ->> 'accuracy';", gives: "1.0"))
    ],
    volatility: .volatile, session: SessionUse(query: 0),
    eachCall: { (context, call) throws(SibylError) in
      .text(try EvaluationReport(of: call.text(0), on: context.host).json.serialized())
    })
}
