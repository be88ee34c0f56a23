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
    for function in Catalogue.functions where !function.belongsToSession || function.session != nil {
      for name in [function.name] + function.aliases {
        functions += FunctionOverload.overloads(of: function, name: name).map { overload in
          if let session = function.session { return sqlFunction(overload, session) }
          return sqlFunction(overload, isOpenToAll: overload.isOpenToAll)
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
    let call =
      "sibyl.call_one('\(function.name)', \(overload.literals(function.parameters.indices)), \(overload.context))"
    if function.isCached {
      declarations.append("answer text;")
      if let name = overload.classifierName {
        declarations.append("classifier_digest text;")
        statements.append(
          "SELECT known.digest INTO classifier_digest FROM sibyl.classifiers AS known WHERE known.name = \(name);"
        )
      }
      if let name = overload.correctedName {
        declarations += ["answers text[];", "corrected_label text;", "may_be_corrected boolean;"]
        statements += lookUpUncorrected(overload)
        let correction =
          [
            "SELECT told.label INTO corrected_label FROM sibyl.feedback AS told",
            "WHERE told.name = \(name)",
            "  AND told.key = sha256(convert_to(\(overload.textExpression(overload.textPosition)), 'UTF8'));",
          ] + lookUp(overload)
        statements.append("IF may_be_corrected IS NOT FALSE THEN")
        statements += correction.map { "  " + $0 } + ["END IF;"]
      } else {
        statements += lookUp(overload)
      }
      statements += collecting(overload)
    }
    statements.append("RETURN \(converted(call, to: function.returns));")
    return body(declarations, statements)
  }

  /// Answers from the cache. Where answers can be corrected, a look for a correction has come first.
  private func lookUp(_ overload: FunctionOverload) -> [String] {
    // Not a join: the plan of a session that has seen the cache empty could be to read all of it.
    return [
      "SELECT cached.answer INTO answer FROM sibyl.cache AS cached", "WHERE cached.key = sha256(",
      "  (SELECT known.fingerprint FROM sibyl.function AS known WHERE known.name = '\(overload.function.name)')",
      "  || \(cacheKey(overload, isCorrected: overload.correctedName != nil)));",
      "IF FOUND THEN", "  RETURN \(converted("answer", to: overload.function.returns));", "END IF;",
    ]
  }

  /// Answers from the cache where the database has no corrections, and finds out in the same statement whether it has: a
  /// call that has to be computed is not to pay for corrections that nobody has told.
  private func lookUpUncorrected(_ overload: FunctionOverload) -> [String] {
    // In an array, since an answer can be NULL.
    [
      "SELECT known.has_corrections, CASE WHEN NOT known.has_corrections THEN (",
      "  SELECT ARRAY[cached.answer] FROM sibyl.cache AS cached",
      "  WHERE cached.key = sha256(known.fingerprint || \(cacheKey(overload, isCorrected: false)))) END",
      "INTO may_be_corrected, answers",
      "FROM sibyl.function AS known WHERE known.name = '\(overload.function.name)';",
      "IF answers IS NOT NULL THEN", "  RETURN \(converted("answers[1]", to: overload.function.returns));",
      "END IF;",
    ]
  }

  /// What stands behind the function's fingerprint in the key of an answer.
  private func cacheKey(_ overload: FunctionOverload, isCorrected: Bool) -> String {
    let key = overload.keyParts(overload.function.parameters.indices)
    guard overload.classifierName != nil || isCorrected else { return key }
    let digest = overload.classifierName == nil ? "NULL" : "classifier_digest"
    return "\(key) || sibyl.session_key_part(\(digest), \(isCorrected ? "corrected_label" : "NULL"))"
  }

  /// In collecting mode (`sibyl run --dsn`) a call is only told, to a client that has many of them computed
  /// together.
  private func collecting(_ overload: FunctionOverload) -> [String] {
    // A group may lack rows yet that other calls choose: it is left to the statement itself.
    if overload.forms.first?.type == "text[]" {
      return ["IF current_setting('sibyl.collect', true) = 'on' THEN", "  RETURN NULL;", "END IF;"]
    }
    let position = overload.textPosition
    guard overload.forms.indices.contains(position), overload.forms[position].type == "text",
      !overload.forms.contains(where: \.isEmbedding)
    else { return [] }
    // As ai_prefetch has them: the text, then the others.
    let order = [position] + overload.forms.indices.filter { $0 != position }
    let arguments = order.map { ", \(overload.forms[$0].text("$\($0 + 1)"))" }.joined()
    return [
      "IF current_setting('sibyl.collect', true) = 'on' THEN",
      "  RAISE NOTICE 'sibyl.call' USING DETAIL = jsonb_build_array('\(overload.function.name)'\(arguments));",
      "  RETURN NULL;", "END IF;",
    ]
  }

  private func arrayBody(_ overload: FunctionOverload) -> [String] {
    let function = overload.function
    let (earlier, later) = (
      0..<overload.textPosition, (overload.textPosition + 1)..<function.parameters.count
    )
    let keys = function.isCached ? overload.keyParts(later) : "NULL"
    let answers =
      "(sibyl.answers('\(function.name)', $\(overload.textPosition + 1), \(overload.keyParts(earlier)), \(keys), "
      + "\(overload.literals(earlier)), \(overload.literals(later)), \(overload.classifierName ?? "NULL"), "
      + "\(overload.correctedName ?? "NULL"))).answers"
    return body(
      overload.variableDeclarations,
      nullCheck(overload, answer: "RETURN NULL") + [
        "RETURN \(convertedArray(answers, to: function.returns));"
      ])
  }

  /// What STRICT does where all parameters are required.
  func nullCheck(_ overload: FunctionOverload, answer: String) -> [String] {
    guard !overload.isStrict else { return [] }
    return nullCheck(overload.parameters, answer: answer)
  }

  func nullCheck(_ parameters: [Parameter], answer: String) -> [String] {
    let tests = parameters.indices.filter { parameters[$0].isRequired }.map { "$\($0 + 1) IS NULL" }
    return tests.isEmpty ? [] : ["IF \(tests.joined(separator: " OR ")) THEN", "  \(answer);", "END IF;"]
  }

  // MARK: Tables

  private func sqlFunction(_ table: AITable, name: String) -> SQLFunction {
    if let session = table.session { return sqlFunction(table, name: name, session) }
    let forms = table.parameters.compactMap { ParameterForm.forms(of: $0).first }
    let format = forms.map { ", %L\($0.cast)" }.joined()
    let arguments = forms.indices.map { ", \(forms[$0].text("$\($0 + 1)"))" }.joined()
    let literals = forms.isEmpty ? "''" : "format('\(format)'\(arguments))"
    let statements =
      nullCheck(table.parameters, answer: "RETURN") + [
        "RETURN QUERY"
      ] + rows(of: table, from: "sibyl.call('\(table.name)', \(literals), NULL)")
    return SQLFunction(
      schema: schema, name: name, argumentTypes: forms.map(\.type),
      definition: definition(
        name, parameters: parameters(of: table), returns: columnList(of: table),
        attributes: attributes(
          table.volatility, isStrict: !forms.isEmpty && table.parameters.allSatisfy(\.isRequired),
          settings: ["search_path = pg_catalog, pg_temp"]) + ["ROWS 20"],
        body: body([], statements)),
      comment: comment(table, isArrayForm: false), isOpenToAll: true)
  }

  /// What a table-valued function returns.
  func columnList(of table: AITable) -> String {
    let columns = table.columns.map { "\(SQLQuoting.identifier($0.name)) \(sqlType($0.type))" }
    return "TABLE (\(columns.joined(separator: ", ")))"
  }

  func parameters(of table: AITable) -> [String] {
    let names = Set(table.columns.map(\.name))
    return table.parameters.compactMap { parameter in
      guard let form = ParameterForm.forms(of: parameter).first else { return nil }
      // A parameter and a column may not have the same name here.
      let name = names.contains(parameter.name) ? "input_" + parameter.name : parameter.name
      return "\(SQLQuoting.identifier(name)) \(form.type)\(defaultClause(parameter))"
    }
  }

  /// A query for the rows that the bridge has answered, each a JSON object.
  ///
  /// - Parameter answers: an expression of type `text[]`.
  func rows(of table: AITable, from answers: String) -> [String] {
    let columns = table.columns.map { (name: SQLQuoting.identifier($0.name), type: sqlType($0.type)) }
    return [
      "SELECT " + columns.map { "cells.\($0.name)::\(qualified($0.type))" }.joined(separator: ", "),
      "FROM pg_catalog.unnest(\(answers)) WITH ORDINALITY AS one (answer, place),",
      "  pg_catalog.jsonb_to_record(one.answer::pg_catalog.jsonb) AS cells ("
        + columns.map { "\($0.name) pg_catalog.text" }.joined(separator: ", ") + ")", "ORDER BY one.place;",
    ]
  }

  // MARK: ai_prefetch

  /// Checks the arguments that `ai_prefetch` passes on, and brings them into the form in which the function
  /// itself has them.
  private func prefetchArguments() -> SQLFunction {
    let overloads = Catalogue.functions.filter(\.isCached).compactMap { function in
      FunctionOverload.overloads(of: function, name: function.name).first(where: \.mapsOverArray)
    }
    var statements = ["earlier_keys := '';", "earlier_literals := '';", "CASE function_name"]
    for overload in overloads {
      let others = overload.forms.indices.filter { $0 != overload.textPosition }
      let required = others.filter(overload.isRequired).count
      let (earlier, later) = (
        others.filter { $0 < overload.textPosition }, others.filter { $0 > overload.textPosition }
      )
      statements += [
        "WHEN '\(overload.name)' THEN",
        "  PERFORM sibyl.check_arguments('\(overload.function.signature)', arguments, \(required), \(others.count));",
      ]
      // Where an argument of the function stands among those that come behind the query's column.
      func given(_ position: Int) -> String {
        "arguments[\(position < overload.textPosition ? position + 1 : position)]"
      }
      func keys(_ positions: [Int]) -> String {
        let keys = positions.map { "sibyl.key_part(\(given($0)))" }.joined(separator: " || ")
        return keys.isEmpty ? "''" : keys
      }
      func literals(_ positions: [Int]) -> String {
        let format = positions.map { ", %L\(overload.forms[$0].cast)" }.joined()
        let arguments = positions.map { ", \(given($0))" }.joined()
        return positions.isEmpty ? "''" : "format('\(format)'\(arguments))"
      }
      for position in others {
        let argument = given(position)
        // The argument comes as text, whatever its type is.
        let form = overload.forms[position]
        let typed = form.type == "text" ? argument : "\(argument)::\(form.type)"
        if form.text(typed) != argument { statements.append("  \(argument) := \(form.text(typed));") }
      }
      statements += [
        "  keys := \(keys(later));", "  literals := \(literals(later));",
      ]
      if !earlier.isEmpty {
        statements += [
          "  earlier_keys := \(keys(earlier));", "  earlier_literals := \(literals(earlier));",
        ]
      }
      if let position = overload.function.classifierPosition {
        statements.append("  classifier := \(given(position));")
      }
      if overload.function.isCorrectable {
        let name =
          overload.function.correctedName.map { "'\($0)'" } ?? overload.function.classifierPosition.map(given)
        statements.append("  corrected := \(name ?? "NULL");")
      }
    }
    let names = overloads.map(\.name).joined(separator: ", ")
    statements += [
      "ELSE", "  RAISE EXCEPTION USING", "    ERRCODE = 'undefined_function',",
      "    MESSAGE = format('ai_prefetch: argument 2 (function) must be a function whose answers are kept (%s); got \"%s\"',",
      "      '\(names)', function_name);", "END CASE;",
    ]
    let text = definition(
      "prefetch_arguments",
      parameters: [
        "function_name text", "arguments text[]", "OUT earlier_keys bytea", "OUT keys bytea",
        "OUT earlier_literals text", "OUT literals text", "OUT classifier text", "OUT corrected text",
      ], returns: nil, attributes: ["LANGUAGE plpgsql STABLE", "SET extra_float_digits = 1"],
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

  func parameters(of overload: FunctionOverload) -> [String] {
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

  /// The type's name under every search path. Those that are keywords of the language have no schema.
  func qualified(_ type: String) -> String {
    ["text", "text[]", "jsonb"].contains(type) ? "pg_catalog.\(type)" : type
  }

  private func arrayType(_ type: ValueType) -> String {
    // An array of arrays is an array of two dimensions, of the same type.
    if type == .embedding, embeddingType == .realArray { return "real[]" }
    return sqlType(type) + "[]"
  }

  func converted(_ text: String, to type: ValueType) -> String {
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
