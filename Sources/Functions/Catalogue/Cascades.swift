import JSON

extension AITable {
  static let cascades = AITable(
    name: "ai_cascades",
    summary: "The cascades of this process: how many rows went to which model, and how often they agree.",
    details: """
      One row for each cascade, that is, each option "cascade" with its labels or condition that a call of this \
      process computed; answers from the result cache are not counted. agreement is the measured share of the \
      answers that are the decoder's own: all that it gave itself, and of the encoder's as many as to expect by how \
      sure it was of each, measured on the texts that the decoder answered, each compared by a head that had not \
      seen it. agreement_low and agreement_high are its 95% interval. threshold is NULL while there is no sample; \
      then every row goes to the decoder.
      """,
    columns: [
      Column("function", .text, "The function that was called."),
      Column("question", .text, "The labels or the condition."),
      Column("model", .text, "The encoder."),
      Column("target_model", .text, "The decoder."),
      Column("target", .real, "The share of rows that was asked to have the decoder's answer."),
      Column("threshold", .real, "How sure the encoder must be to answer."),
      Column(
        "sample", .integer,
        "Texts that both models answered, those that the encoder was not sure of among them."),
      Column("kept", .integer, "Different calls that the encoder answered."),
      Column("sent", .integer, "Different calls that the decoder answered, the sample among them."),
      Column("agreement", .real, "The share of these answers that are the decoder's, as measured."),
      Column("agreement_low", .real, "The lower end of its 95% interval."),
      Column("agreement_high", .real, "The upper end of its 95% interval."),
    ],
    examples: [Example("SELECT count(*) FROM ai_cascades();", gives: "0")],
    volatility: .volatile
  ) { _, _ in
    CascadeRoutes.shared.reports.map { report in
      func rounded(_ value: Double) -> Value { .real((value * 10_000).rounded() / 10_000) }
      let agreement = report.agreement
      return [
        .text(report.function), .text(report.question), .text(report.model), .text(report.target),
        .real(report.asked), report.threshold.map(rounded) ?? .null, .integer(Int64(report.sample)),
        .integer(Int64(report.kept)), .integer(Int64(report.sent)), rounded(agreement.share),
        rounded(agreement.low), rounded(agreement.high),
      ]
    }
  }
}
