import PostgresClient

/// A function, or an aggregate function, that is in the database.
struct FoundFunction {
  let schema: String
  let name: String
  /// The types of its arguments, separated by ", ".
  let arguments: String
  /// Whether Sibyl made it.
  let isOurs: Bool
  let isAggregate: Bool
  /// A digest of everything that CREATE FUNCTION says.
  let digest: String

  var identity: String { "\(SQLQuoting.name(schema)).\(SQLQuoting.name(name))(\(arguments))" }
}

extension PostgresSchema {
  /// The functions in some schemas that Sibyl made, or that have the name of one that it makes.
  func foundFunctions(in schemas: Set<String>, names: Set<String>) throws(PostgresError) -> [FoundFunction] {
    let rows = try connection.query(
      """
      SELECT n.nspname, p.proname,
        array_to_string(ARRAY(
          SELECT format_type(a.type, NULL) FROM unnest(p.proargtypes) WITH ORDINALITY AS a (type, place)
          ORDER BY a.place), ', '),
        coalesce(f.prosrc, p.prosrc) LIKE E'\\n' || $3 || '%',
        CASE p.prokind WHEN 'f' THEN md5(pg_get_functiondef(p.oid))
          WHEN 'a' THEN md5(format('%s %s %s', a.aggtransfn, a.aggfinalfn, a.aggtranstype)) END,
        p.prokind = 'a'
      FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace
      -- An aggregate function has no text of its own; it is ours where what ends its groups is.
      LEFT JOIN pg_aggregate AS a ON a.aggfnoid = p.oid LEFT JOIN pg_proc AS f ON f.oid = a.aggfinalfn
      WHERE n.nspname = ANY ($1) AND (p.proname = ANY ($2) OR coalesce(f.prosrc, p.prosrc) LIKE E'\\n' || $3 || '%')
        AND NOT EXISTS (SELECT FROM pg_depend AS d
          WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
      ORDER BY 1, 2, 3
      """, [.texts(schemas.sorted()), .texts(names.sorted()), .text(SQLFunction.mark)])
    return rows.rows.map { row in
      FoundFunction(
        schema: row[0] ?? "", name: row[1] ?? "", arguments: row[2] ?? "", isOurs: row[3] == "t",
        isAggregate: row[5] == "t", digest: row[4] ?? "")
    }
  }
}
