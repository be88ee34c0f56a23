import Functions
import PostgresClient

/// Everything that is made anew at each installation: the functions, and the view over one of them.
package struct FunctionSet {
  /// The schema of the public functions.
  package let schema: String
  /// The schema of the extension dblink.
  let dblinkSchema: String
  let embeddingType: PostgresEmbeddingType

  /// - Parameters: see the properties; the defaults are those of `sql/postgres/functions.sql`.
  package init(
    schema: String = "public", dblinkSchema: String = "sibyl",
    embeddingType: PostgresEmbeddingType = .realArray
  ) {
    self.schema = schema
    self.dblinkSchema = dblinkSchema
    self.embeddingType = embeddingType
  }

  /// All functions, those that others need when they are made first.
  var functions: [SQLFunction] {
    let names = ["schema": SQLQuoting.name(schema), "dblink": SQLQuoting.name(dblinkSchema)]
    let texts = Dictionary(SQLFile.support.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    let support = SupportFunction.all.compactMap { function -> SQLFunction? in
      guard let file = texts[function.name] else { return nil }
      var text = file.text(replacing: names)
      while let last = text.last, last == ";" || last.isWhitespace { text.removeLast() }
      return SQLFunction(
        schema: function.isPublic ? schema : "sibyl", name: function.name,
        argumentTypes: function.argumentTypes,
        definition: text, comment: function.comment, isOpenToAll: function.isOpenToAll)
    }
    return support + FunctionGenerator(schema: schema, embeddingType: embeddingType).functions()
  }

  static let statusView = [
    "CREATE OR REPLACE VIEW sibyl.status AS SELECT * FROM sibyl.bridge_status()",
    "COMMENT ON VIEW sibyl.status IS 'What the bridge is doing: one row.'",
  ]

  /// Who may see what. Functions have their own statements.
  static let grants = [
    "REVOKE ALL ON SCHEMA sibyl FROM PUBLIC", "GRANT USAGE ON SCHEMA sibyl TO PUBLIC",
    "REVOKE ALL ON sibyl.schema_version, sibyl.function, sibyl.cache, sibyl.installation FROM PUBLIC",
    "REVOKE ALL ON sibyl.job, sibyl.job_chunk, sibyl.job_failure, sibyl.jobs, sibyl.job_failures FROM PUBLIC",
    "REVOKE ALL ON sibyl.ai_column, sibyl.column_change, sibyl.column_failure, sibyl.columns, "
      + "sibyl.column_failures FROM PUBLIC",
    "GRANT SELECT ON sibyl.status TO PUBLIC",
  ]

  /// The SQL as one text, for readers: `sql/postgres/functions.sql`.
  package var script: String {
    var statements: [String] = []
    for function in functions {
      statements += [function.definition, function.commentStatement] + function.grantStatements
    }
    statements += Self.statusView + Self.grants
    return """
      -- Derived from the catalogue (Sources/Functions/Catalogue) and sql/postgres/support by
      -- scripts/generate-postgres.sh; do not edit.
      --
      -- What `sibyl bridge` makes in a database after the tables of sql/postgres/schema, here with its defaults: the
      -- functions in the schema public, dblink in the schema sibyl, embeddings as real[].


      """ + statements.map { $0 + ";\n" }.joined(separator: "\n")
  }
}
