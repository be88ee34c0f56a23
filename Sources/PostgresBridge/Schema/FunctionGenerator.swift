import Functions
import PostgresClient

/// Writes the functions of the catalogue in PostgreSQL's language.
struct FunctionGenerator {
  /// The schema of the public functions.
  var schema: String
  let embeddingType: PostgresEmbeddingType

  /// Every function of the catalogue, except those that belong to the session and are written by hand.
  func functions() -> [SQLFunction] {
    var functions: [SQLFunction] = []
    for function in Catalogue.functions where !function.belongsToSession {
      for name in [function.name] + function.aliases {
        functions += FunctionOverload.overloads(of: function, name: name).map {
          sqlFunction($0, isOpenToAll: $0.isOpenToAll)
        }
      }
    }
    for table in Catalogue.tables where table.isInPostgres {
      functions += ([table.name] + table.aliases).map { sqlFunction(table, name: $0) }
    }
    for aggregate in Catalogue.aggregates { functions += self.functions(of: aggregate) }
    return functions + [prefetchArguments()]
  }

  // MARK: Scalar functions

  func sqlFunction(_ overload: FunctionOverload, isOpenToAll: Bool) -> SQLFunction {
    let function = overload.function
    let element = sqlType(function.returns)
    var settings = ["search_path = pg_catalog, pg_temp"]
    // A plan that was made while the cache was small must not read all of it when it has grown.
    if function.isCached { settings.append("enable_seqscan = off") }
    // The text of an embedding is part of the key.
    if overload.forms.contains(where: \.dependsOnFloatDigits) { settings.append("extra_float_digits = 1") }
    return SQLFunction(
      schema: schema, name: overload.name, argumentTypes: overload.argumentTypes,
      definition: definition(
        overload.name, parameters: parameters(of: overload),
        returns: overload.mapsOverArray ? arrayType(function.returns) : element,
        attributes: attributes(function.volatility, isStrict: overload.isStrict, settings: settings),
        body: overload.mapsOverArray ? arrayBody(overload) : scalarBody(overload)),
      comment: comment(function, isArrayForm: overload.mapsOverArray), isOpenToAll: isOpenToAll)
  }

  private func scalarBody(_ overload: FunctionOverload) -> [String] {
    let function = overload.function
    var declarations = overload.variableDeclarations
    var statements: [String] = nullCheck(overload, answer: "RETURN NULL")
    let call = "sibyl.call_one('\(function.name)', \(overload.literals(from: 0)))"
    if function.isCached {
      declarations.append("answer text;")
      // Not a join: the plan of a session that has seen the cache empty could be to read all of it.
      statements += [
        "SELECT cached.answer INTO answer FROM sibyl.cache AS cached", "WHERE cached.key = sha256(",
        "  (SELECT known.fingerprint FROM sibyl.function AS known WHERE known.name = '\(function.name)')",
        "  || \(overload.keyParts(from: 0)));", "IF FOUND THEN",
        "  RETURN \(converted("answer", to: function.returns));", "END IF;",
      ]
      statements += collecting(overload)
    }
    statements.append("RETURN \(converted(call, to: function.returns));")
    return body(declarations, statements)
  }

  /// In collecting mode (`sibyl run --dsn`) a call is only told, to a client that has many of them computed
  /// together.
  private func collecting(_ overload: FunctionOverload) -> [String] {
    // A group may lack rows yet that other calls choose: it is left to the statement itself.
    if overload.forms.first?.type == "text[]" {
      return ["IF current_setting('sibyl.collect', true) = 'on' THEN", "  RETURN NULL;", "END IF;"]
    }
    guard overload.forms.first?.type == "text", !overload.forms.contains(where: \.isEmbedding) else {
      return []
    }
    let arguments = overload.forms.indices.map { ", \(overload.forms[$0].text("$\($0 + 1)"))" }.joined()
    return [
      "IF current_setting('sibyl.collect', true) = 'on' THEN",
      "  RAISE NOTICE 'sibyl.call' USING DETAIL = jsonb_build_array('\(overload.function.name)'\(arguments));",
      "  RETURN NULL;", "END IF;",
    ]
  }

  private func arrayBody(_ overload: FunctionOverload) -> [String] {
    let function = overload.function
    let keys = function.isCached ? overload.keyParts(from: 1) : "NULL"
    let answers =
      "(sibyl.answers('\(function.name)', $1, \(keys), \(overload.literals(from: 1)))).answers"
    return body(
      overload.variableDeclarations,
      nullCheck(overload, answer: "RETURN NULL") + [
        "RETURN \(convertedArray(answers, to: function.returns));"
      ])
  }

  /// What STRICT does where all parameters are required.
  private func nullCheck(_ overload: FunctionOverload, answer: String) -> [String] {
    guard !overload.isStrict else { return [] }
    return nullCheck(overload.parameters, answer: answer)
  }

  private func nullCheck(_ parameters: [Parameter], answer: String) -> [String] {
    let tests = parameters.indices.filter { parameters[$0].isRequired }.map { "$\($0 + 1) IS NULL" }
    return tests.isEmpty ? [] : ["IF \(tests.joined(separator: " OR ")) THEN", "  \(answer);", "END IF;"]
  }

  // MARK: Tables

  private func sqlFunction(_ table: AITable, name: String) -> SQLFunction {
    let forms = table.parameters.compactMap { ParameterForm.forms(of: $0).first }
    let columns = table.columns.map { (name: SQLQuoting.identifier($0.name), type: sqlType($0.type)) }
    let returns =
      "TABLE (" + columns.map { "\($0.name) \($0.type)" }.joined(separator: ", ") + ")"
    let names = Set(table.columns.map(\.name))
    let parameters = table.parameters.enumerated().map { position, parameter in
      // A parameter and a column may not have the same name here.
      let name = names.contains(parameter.name) ? "input_" + parameter.name : parameter.name
      return "\(SQLQuoting.identifier(name)) \(forms[position].type)\(defaultClause(parameter))"
    }
    let format = forms.map { ", %L\($0.cast)" }.joined()
    let arguments = forms.indices.map { ", \(forms[$0].text("$\($0 + 1)"))" }.joined()
    let literals = forms.isEmpty ? "''" : "format('\(format)'\(arguments))"
    let statements =
      nullCheck(table.parameters, answer: "RETURN") + [
        "RETURN QUERY", "SELECT " + columns.map { "cells.\($0.name)::\($0.type)" }.joined(separator: ", "),
        "FROM unnest(sibyl.call('\(table.name)', \(literals))) WITH ORDINALITY AS one (answer, place),",
        "  jsonb_to_record(one.answer::jsonb) AS cells ("
          + columns.map { "\($0.name) text" }.joined(separator: ", ") + ")", "ORDER BY one.place;",
      ]
    return SQLFunction(
      schema: schema, name: name, argumentTypes: forms.map(\.type),
      definition: definition(
        name, parameters: parameters, returns: returns,
        attributes: attributes(
          table.volatility, isStrict: !forms.isEmpty && table.parameters.allSatisfy(\.isRequired),
          settings: ["search_path = pg_catalog, pg_temp"]) + ["ROWS 20"],
        body: body([], statements)),
      comment: comment(table, isArrayForm: false), isOpenToAll: true)
  }

  // MARK: ai_prefetch

  /// Checks the arguments that `ai_prefetch` passes on, and brings them into the form in which the function
  /// itself has them.
  private func prefetchArguments() -> SQLFunction {
    let overloads = Catalogue.functions.filter(\.isCached).compactMap { function in
      FunctionOverload.overloads(of: function, name: function.name).first(where: \.mapsOverArray)
    }
    var statements = ["CASE function_name"]
    for overload in overloads {
      let others = overload.forms.indices.dropFirst()
      let required = others.filter(overload.isRequired).count
      statements += [
        "WHEN '\(overload.name)' THEN",
        "  PERFORM sibyl.check_arguments('\(overload.function.signature)', arguments, \(required), \(others.count));",
      ]
      for position in others {
        let argument = "arguments[\(position)]"
        // The argument comes as text, whatever its type is.
        let form = overload.forms[position]
        let typed = form.type == "text" ? argument : "\(argument)::\(form.type)"
        if form.text(typed) != argument { statements.append("  \(argument) := \(form.text(typed));") }
      }
      let keys = others.map { "sibyl.key_part(arguments[\($0)])" }.joined(separator: " || ")
      let format = others.map { ", %L\(overload.forms[$0].cast)" }.joined()
      let arguments = others.map { ", arguments[\($0)]" }.joined()
      statements += [
        "  keys := \(keys.isEmpty ? "''" : keys);",
        "  literals := \(others.isEmpty ? "''" : "format('\(format)'\(arguments))");",
      ]
    }
    let names = overloads.map(\.name).joined(separator: ", ")
    statements += [
      "ELSE", "  RAISE EXCEPTION USING", "    ERRCODE = 'undefined_function',",
      "    MESSAGE = format('ai_prefetch: argument 2 (function) must be a function whose answers are kept (%s); got \"%s\"',",
      "      '\(names)', function_name);", "END CASE;",
    ]
    let text = definition(
      "prefetch_arguments",
      parameters: ["function_name text", "arguments text[]", "OUT keys bytea", "OUT literals text"],
      returns: nil, attributes: ["LANGUAGE plpgsql STABLE", "SET extra_float_digits = 1"],
      body: body([], statements), schema: "sibyl")
    return SQLFunction(
      schema: "sibyl", name: "prefetch_arguments", argumentTypes: ["text", "text[]"], definition: text,
      comment: "Checks the arguments that ai_prefetch passes on and writes them as keys and calls have them.",
      isOpenToAll: false)
  }

  // MARK: Pieces

  func definition(
    _ name: String, parameters: [String], returns: String?, attributes: [String], body: [String],
    schema: String? = nil
  ) -> String {
    ([
      "CREATE OR REPLACE FUNCTION \(SQLQuoting.name(schema ?? self.schema)).\(SQLQuoting.name(name))("
        + parameters.joined(separator: ", ") + ")" + (returns.map { " RETURNS \($0)" } ?? "")
    ] + attributes + ["AS $sibyl$", SQLFunction.mark + " Made from its catalogue."] + body + ["$sibyl$"])
    .joined(separator: "\n")
  }

  func body(_ declarations: [String], _ statements: [String]) -> [String] {
    (declarations.isEmpty ? [] : ["DECLARE"] + declarations.map { "  " + $0 })
      + ["BEGIN"] + statements.map { "  " + $0 } + ["END"]
  }

  private func parameters(of overload: FunctionOverload) -> [String] {
    overload.parameters.enumerated().map { position, parameter in
      "\(SQLQuoting.identifier(parameter.name)) \(overload.argumentTypes[position])"
        + (overload.isRequired(position) ? "" : defaultClause(parameter))
    }
  }

  private func defaultClause(_ parameter: Parameter) -> String {
    switch parameter.defaultValue {
    case nil: ""
    case .integer(let value): " DEFAULT \(value)"
    case .real(let value): " DEFAULT \(value)"
    case .text(let text): " DEFAULT \(SQLQuoting.literal(text))"
    case .null, .blob: " DEFAULT NULL"
    }
  }

  func attributes(_ volatility: Volatility, isStrict: Bool, settings: [String]) -> [String] {
    // An immutable answer may depend on the tables of fingerprints here, which makes it stable.
    // And asking the bridge takes a subtransaction, to survive a lost connection, which no process of a query that
    // runs in parallel may begin, not even the leading one: so "restricted" would not do.
    let words =
      ["LANGUAGE plpgsql", volatility == .volatile ? "VOLATILE" : "STABLE"]
      + (isStrict ? ["STRICT"] : []) + ["SECURITY DEFINER", "PARALLEL UNSAFE", "COST 1000"]
    return [words.joined(separator: " ")] + settings.map { "SET \($0)" }
  }

  func comment(_ entry: any CatalogueEntry, isArrayForm: Bool) -> String {
    let introduction = isArrayForm ? "For each element of an array. " : ""
    let example = entry.examples.first.map { " Example: \($0.postgres.sql)" } ?? ""
    return introduction + entry.summary + (isArrayForm ? "" : example)
  }

  func sqlType(_ type: ValueType) -> String {
    switch type {
    case .text, .scalar, .textOrEmbedding: "text"
    case .texts: "text[]"
    case .integer: "bigint"
    case .boolean: "boolean"
    case .real: "double precision"
    case .json: "jsonb"
    case .embedding:
      switch embeddingType {
      case .realArray: "real[]"
      case .vector(let schema): "\(SQLQuoting.name(schema)).vector"
      }
    }
  }

  private func arrayType(_ type: ValueType) -> String {
    // An array of arrays is an array of two dimensions, of the same type.
    if type == .embedding, embeddingType == .realArray { return "real[]" }
    return sqlType(type) + "[]"
  }

  private func converted(_ text: String, to type: ValueType) -> String {
    if type == .embedding, case .vector = embeddingType { return "\(text)::real[]::\(sqlType(type))" }
    return sqlType(type) == "text" ? text : "\(text)::\(sqlType(type))"
  }

  private func convertedArray(_ texts: String, to type: ValueType) -> String {
    guard type == .embedding else {
      return sqlType(type) == "text" ? texts : "\(texts)::\(sqlType(type))[]"
    }
    guard case .vector = embeddingType else { return "sibyl.stack_embeddings(\(texts))" }
    return "ARRAY(SELECT \(converted("one.answer", to: type)) FROM unnest(\(texts)) WITH ORDINALITY "
      + "AS one (answer, place) ORDER BY one.place)"
  }
}
