import PostgresClient

/// A function of the database: the statement that makes it, and what an installation has to know besides.
struct SQLFunction {
  /// What every body begins with, behind its first line break. It tells Sibyl's functions from those that a
  /// user made under the same name.
  static let mark = "-- Part of Sibyl."

  /// What SQL calls it.
  enum Kind: String {
    case function = "FUNCTION"
    case aggregate = "AGGREGATE"
  }

  var kind = Kind.function
  let schema: String
  let name: String
  /// The types of the arguments as `format_type` writes them: with the name, they are the function's
  /// identity.
  let argumentTypes: [String]
  /// `CREATE OR REPLACE FUNCTION …` or `… AGGREGATE …`, without a semicolon.
  let definition: String
  let comment: String
  /// Whether every user of the database may call it.
  let isOpenToAll: Bool

  /// The function as DROP, GRANT and COMMENT name it: `public.ai_embed(text, text)`.
  var identity: String {
    "\(SQLQuoting.name(schema)).\(SQLQuoting.name(name))(\(argumentTypes.joined(separator: ", ")))"
  }

  var commentStatement: String { "COMMENT ON \(kind.rawValue) \(identity) IS \(SQLQuoting.literal(comment))" }

  /// Who may call a function that was just made.
  var grantStatements: [String] {
    ["REVOKE ALL ON FUNCTION \(identity) FROM PUBLIC"]
      + (isOpenToAll ? ["GRANT EXECUTE ON FUNCTION \(identity) TO PUBLIC"] : [])
  }
}

extension SQLQuoting {
  /// A name, in quotation marks only where it is not a plain one. For names that are schemas and functions of
  /// ours; a user's names are always quoted.
  static func name(_ name: String) -> String {
    let isPlain =
      name.utf8.allSatisfy {
        UInt8(ascii: "a")...UInt8(ascii: "z") ~= $0 || UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0
          || $0 == UInt8(ascii: "_")
      } && name.utf8.first.map { $0 > UInt8(ascii: "9") } == true
    return isPlain && !reservedWords.contains(name) ? name : identifier(name)
  }

  /// PostgreSQL's reserved words (PostgreSQL documentation, Appendix C), those that may not name a schema.
  private static let reservedWords: Set<String> = [
    "all", "analyse", "analyze", "and", "any", "array", "as", "asc", "asymmetric", "authorization", "binary",
    "both", "case", "cast", "check", "collate", "collation", "column", "concurrently", "constraint", "create",
    "cross", "current_catalog", "current_date", "current_role", "current_schema", "current_time",
    "current_timestamp", "current_user", "default", "deferrable", "desc", "distinct", "do", "else", "end",
    "except", "false", "fetch", "for", "foreign", "freeze", "from", "full", "grant", "group", "having",
    "ilike",
    "in", "initially", "inner", "intersect", "into", "is", "isnull", "join", "lateral", "leading", "left",
    "like", "limit", "localtime", "localtimestamp", "natural", "not", "notnull", "null", "offset", "on",
    "only",
    "or", "order", "outer", "overlaps", "placing", "primary", "references", "returning", "right", "select",
    "session_user", "similar", "some", "symmetric", "system_user", "table", "tablesample", "then", "to",
    "trailing", "true", "union", "unique", "user", "using", "variadic", "verbose", "when", "where", "window",
    "with",
  ]
}
