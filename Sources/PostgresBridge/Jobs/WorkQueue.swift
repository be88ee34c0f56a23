import Diagnostics
import PostgresClient

/// The database as the coordinator of workers: leases, renewals, and what ends them. The rules are the database's, in
/// `sql/postgres/support`; each call is one transaction.
///
/// Owned by one thread, like its connection.
struct WorkQueue {
  /// What wakes workers: NOTIFY on this channel.
  static let channel = "sibyl_work"

  let connection: PostgresConnection

  /// Connects as a worker: with the rights of whoever owns Sibyl in the database, and no more.
  init(_ dsn: PostgresDSN, applicationName: String) throws(PostgresError) {
    connection = try PostgresConnection(dsn, applicationName: applicationName)
    let schema = PostgresSchema(on: connection)
    try schema.requireCurrentVersion()
    try connection.runScript(
      """
      SET search_path = pg_catalog, pg_temp;
      SET default_transaction_isolation = 'read committed';
      SET default_transaction_read_only = off;
      SET datestyle = 'ISO';
      SET intervalstyle = 'postgres';
      SET extra_float_digits = 1;
      SET bytea_output = 'hex';
      SET statement_timeout = 0;
      SET idle_in_transaction_session_timeout = '60s';
      SET lock_timeout = '30s';
      SET client_min_messages = warning;
      LISTEN \(Self.channel)
      """)
    try schema.actAsOwner()
  }

  /// - Parameter avoided: jobs and columns that this worker does not want just now.
  func lease(worker: String, avoiding avoided: [Int64]) throws(PostgresError) -> LeasedWork? {
    let rows = try connection.query(
      """
      SELECT id, number, token, function, model, to_jsonb(argument_types), reading, path, to_jsonb(keys), lease_seconds
      FROM sibyl.lease_work($1, $2::text[]::bigint[])
      """, [.text(worker), .texts(avoided.map { String($0) })])
    guard rows.count > 0 else { return nil }
    guard let id = rows[0, 0].flatMap({ Int64($0) }), let token = rows[0, 2], let function = rows[0, 3],
      let argumentTypes = JSONTexts.read(rows[0, 5]), let reading = rows[0, 6], let path = rows[0, 7],
      let keys = JSONTexts.read(rows[0, 8]), let seconds = rows[0, 9].flatMap({ Double($0) })
    else {
      throw PostgresError(
        SibylError(.internalFault, "the database leased work that can't be read; please report this defect"))
    }
    return LeasedWork(
      id: id, number: rows[0, 1].flatMap { Int64($0) }, token: token, function: function, model: rows[0, 4],
      argumentTypes: argumentTypes, reading: reading, path: path, keys: keys, leaseSeconds: seconds)
  }

  /// - Returns: whether the work is still this worker's.
  func renew(_ work: LeasedWork) throws(PostgresError) -> Bool {
    try connection.query(
      "SELECT sibyl.renew_work($1, $2, $3, $4)",
      // Columns lease row by row, jobs by the chunk.
      identity(of: work) + [.texts(work.number == nil ? work.keys : [])]
    ).first == "t"
  }

  /// Writes the outcome and ends the lease, together.
  /// - Returns: whether the work was still this worker's; otherwise nothing was written.
  func finish(_ work: LeasedWork, _ outcome: WorkOutcome) throws(PostgresError) -> Bool {
    try connection.query(
      "SELECT sibyl.finish_work($1, $2, $3, $4, $5, $6, $7, $8, $9)",
      identity(of: work) + [
        outcome.model.map { .text($0) } ?? .null, .texts(work.number == nil ? work.keys : []),
        .texts(outcome.keys), .texts(outcome.answers), .texts(outcome.failedKeys), .texts(outcome.errors),
      ]
    ).first == "t"
  }

  /// Gives work back, undone.
  /// - Parameters:
  ///   - error: what went wrong; nil where nothing did.
  ///   - pauses: whether every worker would meet it.
  ///   - counts: whether the work may be to blame, so that it is given up after many attempts.
  func release(
    _ work: LeasedWork, error: String? = nil, pauses: Bool = false, counts: Bool = false
  ) throws(PostgresError) {
    try connection.query(
      "SELECT sibyl.release_work($1, $2, $3, $4, $5, $6, $7)",
      identity(of: work) + [
        .texts(work.number == nil ? work.keys : []), error.map { .text($0) } ?? .null,
        .text(pauses ? "t" : "f"), .text(counts ? "t" : "f"),
      ])
  }

  private func identity(of work: LeasedWork) -> [PostgresParameter] {
    [
      .text(String(work.id)), work.number.map { .text(String($0)) } ?? .null, .text(work.token),
    ]
  }
}
