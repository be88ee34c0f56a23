import PostgresClient

/// What a worker has leased: a chunk of a job, or rows of a column that changed.
struct LeasedWork: Sendable {
  /// The number of the job or the column.
  let id: Int64
  /// The number of the chunk; nil for changed rows of a column.
  let number: Int64?
  /// What tells this lease from every other one.
  let token: String
  let function: String
  /// Which model the other rows were answered by; nil where none was yet.
  let model: String?
  /// What the columns of `reading` behind the key hold: `text` or `vector`.
  let argumentTypes: [String]
  /// Reads the rows with the keys `$1`.
  let reading: String
  /// The search path under which it runs.
  let path: String
  let keys: [String]
  let leaseSeconds: Double
}

/// An answer, or why there is none, by the text of the row's key.
struct WorkOutcome: Sendable {
  var keys: [String] = []
  var answers: [String?] = []
  var failedKeys: [String] = []
  var errors: [String] = []
  /// Which model answered; nil where the rows needed none, or named theirs.
  var model: String?

  mutating func fail(_ key: String, _ error: String) {
    failedKeys.append(key)
    errors.append(error)
  }

  mutating func answer(_ key: String, _ answer: String?) {
    keys.append(key)
    answers.append(answer)
  }
}
