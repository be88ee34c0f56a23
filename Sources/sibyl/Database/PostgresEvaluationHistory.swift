import Functions
import PostgresClient

/// The measurements of a PostgreSQL database, in the table `sibyl.evaluations`.
struct PostgresEvaluationHistory {
  private let connection: PostgresConnection

  init(_ dsn: PostgresDSN) throws(PostgresError) {
    connection = try PostgresConnection(dsn, applicationName: "sibyl eval")
  }

  /// The last measurement of a name.
  func latest(_ name: String) throws(PostgresError) -> EvaluationHistory.Entry? {
    let rows = try connection.query(
      """
      SELECT to_char(time AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS'), accuracy, macro_f1, calibration_error
      FROM sibyl.evaluations WHERE name = $1 ORDER BY id DESC LIMIT 1
      """, [.text(name)])
    guard let time = rows[0, 0], let accuracy = rows[0, 1].flatMap(Double.init),
      let macroF1 = rows[0, 2].flatMap(Double.init)
    else { return nil }
    return EvaluationHistory.Entry(
      time: time, accuracy: accuracy, macroF1: macroF1, calibrationError: rows[0, 3].flatMap(Double.init))
  }

  func add(_ report: EvaluationReport, name: String, sql: String) throws(PostgresError) {
    try connection.query(
      """
      INSERT INTO sibyl.evaluations (name, sql, version, rows, accuracy, macro_f1, calibration_error, report)
      VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
      """,
      [
        .text(name), .text(sql), .text(SibylVersion.current), .integer(Int64(report.rows)),
        .real(report.accuracy.value), .real(report.macroF1.value),
        report.calibrationError.map { .real($0.value) } ?? .null, .text(report.json.serialized()),
      ])
  }
}
