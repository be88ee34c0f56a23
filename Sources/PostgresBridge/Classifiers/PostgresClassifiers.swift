import Diagnostics
import Functions
import ModelFiles
import PostgresClient

/// The table `sibyl.classifiers` of a database, and what was corrected beside it.
///
/// Owned by one thread at a time, like its connection, whose role needs the rights on the tables.
public struct PostgresClassifiers {
  private static let columns = """
    name, method, model, encoder, array_to_json(labels)::text, report::text, digest,
    to_char(created AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
    """

  private let connection: PostgresConnection

  public init(on connection: PostgresConnection) { self.connection = connection }

  /// All classifiers by name, without their weights.
  public func list() throws(PostgresError) -> [StoredClassifier] {
    try read("SELECT \(Self.columns) FROM sibyl.classifiers ORDER BY name", [])
  }

  /// A classifier with its weights; nil where there is none of that name.
  public func classifier(named name: String) throws(PostgresError) -> StoredClassifier? {
    try read(
      "SELECT \(Self.columns), encode(weights, 'hex') FROM sibyl.classifiers WHERE name = $1", [.text(name)]
    ).first
  }

  /// The digests of classifiers, by those of the names that there are.
  func digests(of names: [String]) throws(PostgresError) -> [(name: String, digest: String)] {
    let found = try connection.query(
      "SELECT name, digest FROM sibyl.classifiers WHERE name = ANY ($1)", [.texts(names)])
    return found.rows.compactMap { row in
      guard let name = row[0], let digest = row[1] else { return nil }
      return (name, digest)
    }
  }

  /// Stores a classifier.
  ///
  /// - Parameter replaces: whether one of its name may be there already.
  /// - Returns: whether it was stored: false where there is one of its name that it may not replace.
  public func store(_ classifier: StoredClassifier, replaces: Bool) throws(PostgresError) -> Bool {
    try connection.query(
      """
      INSERT INTO sibyl.classifiers (name, method, model, encoder, labels, report, digest, weights, created)
      VALUES ($1, $2, $3, $4, $5::text[], $6, $7, $8, $9)
      ON CONFLICT (name) DO
      """
        + (replaces
          ? """
           UPDATE SET method = excluded.method, model = excluded.model, encoder = excluded.encoder,
            labels = excluded.labels, report = excluded.report, digest = excluded.digest,
            weights = excluded.weights, created = excluded.created, created_by = excluded.created_by
          """ : " NOTHING"),
      [
        .text(classifier.name), .text(classifier.method), .text(classifier.model), .text(classifier.encoder),
        .texts(classifier.labels), .text(classifier.report), .text(classifier.digest),
        .bytes(classifier.weights ?? []), .text(classifier.created),
      ]
    ).affectedRows == 1
  }

  /// Whether there was one to remove.
  public func remove(_ name: String) throws(PostgresError) -> Bool {
    try connection.query("DELETE FROM sibyl.classifiers WHERE name = $1", [.text(name)]).affectedRows > 0
  }

  /// The right labels of those of the texts for which one was told.
  func corrections(
    of subject: String, among texts: [String]
  ) throws(PostgresError) -> [(text: String, label: String)] {
    let found = try connection.query(
      """
      SELECT told.text, told.label FROM sibyl.feedback AS told
      WHERE told.name = $1
        AND told.key IN (SELECT sha256(convert_to(one.text, 'UTF8')) FROM unnest($2::text[]) AS one (text))
      """, [.text(subject), .texts(texts)])
    return found.rows.compactMap { row in
      guard let text = row[0], let label = row[1] else { return nil }
      return (text, label)
    }
  }

  private func read(
    _ sql: String, _ parameters: [PostgresParameter]
  ) throws(PostgresError) -> [StoredClassifier] {
    try connection.query(sql, parameters).rows.map { row in
      func text(_ column: Int) -> String { row.indices.contains(column) ? row[column] ?? "" : "" }
      return StoredClassifier(
        name: text(0), method: text(1), model: text(2), encoder: text(3),
        labels: StoredClassifier.labels(in: text(4)), report: text(5), created: text(7), digest: text(6),
        weights: row.count > 8 ? Hexadecimal.bytes(of: text(8)) : nil)
    }
  }
}
