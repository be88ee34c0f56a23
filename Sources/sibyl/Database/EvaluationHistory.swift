import CSQLite
import Diagnostics
import Functions

/// The measurements of a database, in a table of the database itself, so that they travel with what they are about.
struct EvaluationHistory {
  struct Entry {
    /// UTC, as SQLite's CURRENT_TIMESTAMP writes it.
    let time: String
    let accuracy: Double
    let macroF1: Double
    let calibrationError: Double?
  }

  private let database: Database

  /// - Throws: where the database can't be written.
  init(_ database: Database) throws(SibylError) {
    self.database = database
    try database.execute(
      """
      CREATE TABLE IF NOT EXISTS main.sibyl_evaluations(
        id INTEGER PRIMARY KEY, name TEXT NOT NULL, time TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP, sql TEXT NOT NULL,
        version TEXT NOT NULL, rows INTEGER NOT NULL, accuracy REAL NOT NULL, macro_f1 REAL NOT NULL,
        calibration_error REAL, report TEXT NOT NULL)
      """)
  }

  /// The last measurement of a name.
  func latest(_ name: String) throws(SibylError) -> Entry? {
    try Cell.withText(name) { (name) throws(SibylError) in
      var found: Entry?
      try database.query(
        """
        SELECT time, accuracy, macro_f1, calibration_error FROM main.sibyl_evaluations WHERE name = ?1 \
        ORDER BY id DESC LIMIT 1
        """, [name]
      ) { row in
        let hasError = csqlite_column_type(row, 3) != SQLITE_NULL
        found = Entry(
          time: row.text(0), accuracy: csqlite_column_double(row, 1), macroF1: csqlite_column_double(row, 2),
          calibrationError: hasError ? csqlite_column_double(row, 3) : nil)
      }
      return found
    }
  }

  func add(_ report: EvaluationReport, name: String, sql: String) throws(SibylError) {
    let texts = [name, sql, SibylVersion.current, report.json.serialized()]
    try Cell.withTexts(texts) { (texts) throws(SibylError) in
      try database.execute(
        """
        INSERT INTO main.sibyl_evaluations(name, sql, version, report, rows, accuracy, macro_f1, calibration_error) \
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
        """,
        texts + [
          .integer(Int64(report.rows)), .real(report.accuracy.value), .real(report.macroF1.value),
          report.calibrationError.map { .real($0.value) } ?? .null,
        ])
    }
  }
}
