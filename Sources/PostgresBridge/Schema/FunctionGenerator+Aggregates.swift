import Functions
import PostgresClient

/// An aggregate function is four objects in PostgreSQL: the aggregate, what takes a row, what ends a group, and the
/// function of a group's texts, which is made and answered as every function of the catalogue is.
///
/// The state is an array: first the arguments behind the text, NULL where there is none, then the texts.
extension FunctionGenerator {
  func functions(of aggregate: AIAggregate) -> [SQLFunction] {
    var inSibyl = self
    inSibyl.schema = "sibyl"
    let forms = aggregate.parameters.compactMap { ParameterForm.forms(of: $0).first }
    let groups = FunctionOverload.overloads(of: aggregate.function, name: aggregate.name)
      .filter { $0.forms.map(\.type) == ["text[]"] + forms.dropFirst().map(\.type) }
    var functions = groups.map { inSibyl.sqlFunction($0, isOpenToAll: false) }
    functions.append(groupFunction(of: aggregate, forms))
    for count in aggregate.arity {
      functions.append(rowFunction(of: aggregate, Array(forms.prefix(count))))
      for name in [aggregate.name] + aggregate.aliases {
        functions.append(self.aggregate(aggregate, name: name, Array(forms.prefix(count))))
      }
    }
    return functions
  }

  private func rowName(of aggregate: AIAggregate) -> String { aggregate.name + "_row" }
  private func groupName(of aggregate: AIAggregate) -> String { aggregate.name + "_group" }

  private func aggregate(_ aggregate: AIAggregate, name: String, _ forms: [ParameterForm]) -> SQLFunction {
    let parameters = zip(aggregate.parameters, forms).map { "\(SQLQuoting.identifier($0.name)) \($1.type)" }
    return SQLFunction(
      kind: .aggregate, schema: schema, name: name, argumentTypes: forms.map(\.type),
      definition: """
        CREATE OR REPLACE AGGREGATE \(SQLQuoting.name(schema)).\(SQLQuoting.name(name))(\(parameters.joined(separator: ", "))) (
          SFUNC = sibyl.\(rowName(of: aggregate)), STYPE = text[], FINALFUNC = sibyl.\(groupName(of: aggregate)),
          PARALLEL = UNSAFE)
        """,
      comment: comment(aggregate, isArrayForm: false), isOpenToAll: true)
  }

  /// Takes a row into the state.
  private func rowFunction(of aggregate: AIAggregate, _ forms: [ParameterForm]) -> SQLFunction {
    let given = aggregate.parameters.indices.dropFirst().map { position in
      // $1 is the state, $2 the text.
      forms.indices.contains(position) ? forms[position].text("$\(position + 2)") : "NULL"
    }
    var statements = ["IF $2 IS NULL THEN", "  RETURN $1;", "END IF;"]
    statements += [
      "IF $1 IS NULL THEN", "  RETURN ARRAY[\((given + ["$2"]).joined(separator: ", "))]::text[];", "END IF;",
    ]
    for position in forms.indices.dropFirst() {
      let parameter = aggregate.parameters[position]
      statements += [
        "IF ($1[\(position)] COLLATE \"C\") IS DISTINCT FROM (\(given[position - 1]) COLLATE \"C\") THEN",
        "  RAISE EXCEPTION USING", "    ERRCODE = 'invalid_parameter_value',",
        "    MESSAGE = '\(aggregate.name): argument \(position + 1) (\(parameter.name)) must be the same for every row of a group; "
          + "group the query by it, or give a constant';", "END IF;",
      ]
    }
    statements.append("RETURN array_append($1, $2);")
    let names =
      ["state text[]"]
      + zip(aggregate.parameters, forms).map { "\(SQLQuoting.identifier($0.name)) \($1.type)" }
    return SQLFunction(
      schema: "sibyl", name: rowName(of: aggregate), argumentTypes: ["text[]"] + forms.map(\.type),
      definition: definition(
        rowName(of: aggregate), parameters: names, returns: "text[]",
        attributes: ["LANGUAGE plpgsql IMMUTABLE PARALLEL UNSAFE", "SET search_path = pg_catalog, pg_temp"],
        body: body([], statements), schema: "sibyl"),
      comment: "Takes a row into a group of \(aggregate.name).", isOpenToAll: false)
  }

  /// Ends a group.
  private func groupFunction(of aggregate: AIAggregate, _ forms: [ParameterForm]) -> SQLFunction {
    let first = forms.count
    let arguments =
      ["$1[\(first):]"]
      + forms.indices.dropFirst().map { "$1[\($0)]\(forms[$0].type == "text" ? "" : "::\(forms[$0].type)")" }
    let name = "sibyl.\(SQLQuoting.name(aggregate.name))"
    return SQLFunction(
      schema: "sibyl", name: groupName(of: aggregate), argumentTypes: ["text[]"],
      definition: definition(
        groupName(of: aggregate), parameters: ["state text[]"], returns: sqlType(aggregate.returns),
        attributes: attributes(
          aggregate.volatility, isStrict: true, settings: ["search_path = pg_catalog, pg_temp"]),
        body: body([], ["RETURN \(name)(\(arguments.joined(separator: ", ")));"]), schema: "sibyl"),
      comment: "Ends a group of \(aggregate.name).", isOpenToAll: false)
  }
}
