import Functions
import PostgresClient

/// Functions that are about more of the database than their arguments: the rows of a query, classifiers, corrections.
///
/// They run with the rights and the search path of whoever calls, whose query it is and who needs the right to write what
/// is stored; what Sibyl's tables hold is read by `sibyl.call_in_session`, which hands it to the bridge only.
extension FunctionGenerator {
  func sqlFunction(_ overload: FunctionOverload, _ session: SessionUse) -> SQLFunction {
    let function = overload.function
    let statements =
      nullCheck(overload.parameters, answer: "RETURN NULL")
      + asking(
        function, session, arguments: overload.forms.indices.map { overload.forms[$0].text("$\($0 + 1)") },
        nothing: "RETURN NULL")
      + ["RETURN answers[1]::\(qualified(sqlType(function.returns)));"]
    return SQLFunction(
      schema: schema, name: overload.name, argumentTypes: overload.argumentTypes,
      definition: definition(
        overload.name, parameters: parameters(of: overload), returns: sqlType(function.returns),
        attributes: attributes(function), body: body(Self.declarations, statements)),
      comment: comment(function, isArrayForm: false), isOpenToAll: true)
  }

  func sqlFunction(_ table: AITable, name: String, _ session: SessionUse) -> SQLFunction {
    let forms = table.parameters.compactMap { ParameterForm.forms(of: $0).first }
    let statements =
      nullCheck(table.parameters, answer: "RETURN")
      + asking(
        table, session, arguments: forms.indices.map { forms[$0].text("$\($0 + 1)") }, nothing: "RETURN")
      + ["RETURN QUERY"] + rows(of: table, from: "answers")
    return SQLFunction(
      schema: schema, name: name, argumentTypes: forms.map(\.type),
      definition: definition(
        name, parameters: parameters(of: table), returns: columnList(of: table),
        attributes: attributes(table) + ["ROWS 20"],
        body: body(Self.declarations, statements)),
      comment: comment(table, isArrayForm: false), isOpenToAll: true)
  }

  private func attributes(_ entry: any CatalogueEntry) -> [String] {
    let isStrict = !entry.parameters.isEmpty && entry.parameters.allSatisfy(\.isRequired)
    return ["LANGUAGE plpgsql VOLATILE\(isStrict ? " STRICT" : "") PARALLEL UNSAFE COST 1000"]
  }

  private static let declarations = ["sent pg_catalog.uuid;", "answers pg_catalog.text[];"]

  /// Gathers what a call needs, and asks the bridge.
  ///
  /// - Parameters:
  ///   - arguments: their texts, as expressions.
  ///   - nothing: leaves the function in collecting mode, where only the calls of its query count.
  private func asking(
    _ entry: any CatalogueEntry, _ session: SessionUse, arguments: [String], nothing: String
  ) -> [String] {
    var statements: [String] = []
    let isCollecting =
      "pg_catalog.current_setting('sibyl.collect', true) OPERATOR(pg_catalog.=) 'on'"
    switch session.stores {
    case .nothing: break
    case .classifier: statements.append("PERFORM sibyl.require_writable('\(entry.name)', 'classifiers');")
    case .correction: statements.append("PERFORM sibyl.require_writable('\(entry.name)', 'feedback');")
    }
    if let position = session.query {
      let argument = "\(position + 1) (\(entry.parameters[position].name))"
      statements.append("sent := sibyl.send_rows('\(entry.name)', '\(argument)', $\(position + 1));")
    }
    func text(_ position: Int?) -> String { position.map { arguments[$0] } ?? "NULL" }
    statements += [
      "IF \(isCollecting) THEN", "  \(nothing);", "END IF;",
      "answers := sibyl.call_in_session('\(entry.name)', ARRAY[\(arguments.joined(separator: ", "))]::pg_catalog.text[], sent,",
      "  \(text(session.classifier)), \(text(session.corrections)), \(session.listsClassifiers));",
    ]
    if session.stores != .nothing { statements.append("PERFORM sibyl.store_results(answers[2:]);") }
    return statements
  }
}
