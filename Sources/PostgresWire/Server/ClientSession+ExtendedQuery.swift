import NIOCore

/// The extended protocol: Parse, Bind, Describe, Execute (PostgreSQL documentation, "Extended Query").
extension ClientSession {
  func parse(_ message: FrontendMessage.Parse) throws(WireError) {
    let text = try message.query.validatedString()
    let statements = try StatementParser.parse(text, limits: limits)
    guard statements.count <= 1 else {
      throw WireError(.syntaxError, "cannot insert multiple commands into a prepared statement")
    }
    var prepared = PreparedStatement(statement: statements.first)
    if let statement = prepared.statement {
      try checkTransaction(allows: statement)
      switch statement {
      case .call(let call): try resolve(call, declared: message.types, into: &prepared)
      case .literal(let literal): try resolveLiteral(literal, declared: message.types, into: &prepared)
      case .show(let name): prepared.columns = try shown(name).columns
      default: break
      }
    }
    // Parsed forms are larger than their text, by a bounded factor.
    try store.insert(prepared, name: message.name, size: message.query.readableBytes * 4 + 1_024)
    connection.output.writeParseComplete()
  }

  /// Settles the types of a call's parameters and of its result.
  private func resolve(
    _ statement: CallStatement, declared: [WireType], into prepared: inout PreparedStatement
  ) throws(WireError) {
    var types = statement.call.arguments.map(\.typeName)
    for parameter in statement.parameters where parameter.castName == nil {
      types[parameter.argument] = Self.declared(parameter, declared)?.name
    }
    let description = try describe(statement.call, types: types)
    prepared.columns = description.columns
    try settleParameters(of: statement, declared: declared, into: &prepared) { parameter in
      description.argumentTypes.indices.contains(parameter.argument)
        ? description.argumentTypes[parameter.argument] : .text
    }
  }

  private func resolveLiteral(
    _ statement: CallStatement, declared: [WireType], into prepared: inout PreparedStatement
  ) throws(WireError) {
    try settleParameters(of: statement, declared: declared, into: &prepared) { _ in .text }
    var call = statement.call
    if let name = prepared.argumentTypeNames.first { call.arguments[0].typeName = name }
    prepared.columns = [Self.literalResult(call).column]
  }

  private static func declared(_ parameter: StatementParameter, _ declared: [WireType]) -> WireType? {
    guard declared.indices.contains(parameter.index), declared[parameter.index] != .unspecified else {
      return nil
    }
    return declared[parameter.index]
  }

  /// A parameter's type is what the client declared, else its cast, else what the service takes there.
  private func settleParameters(
    of statement: CallStatement, declared: [WireType], into prepared: inout PreparedStatement,
    otherwise: (StatementParameter) -> WireType
  ) throws(WireError) {
    let count = max((statement.parameters.map(\.index).max() ?? -1) + 1, declared.count)
    var types = [WireType](repeating: .unspecified, count: count)
    for (place, type) in declared.enumerated() { types[place] = type }
    for parameter in statement.parameters {
      if types[parameter.index] == .unspecified {
        types[parameter.index] =
          parameter.castName.map { WireType(named: $0) ?? .text } ?? otherwise(parameter)
      }
      prepared.argumentTypeNames.append(parameter.castName ?? types[parameter.index].name)
    }
    if let gap = types.firstIndex(of: .unspecified) {
      throw WireError(
        SQLState(rawValue: "42P18"), "could not determine data type of parameter $\(gap + 1)")
    }
    prepared.parameterTypes = types
  }

  // MARK: Bind

  func bind(_ message: FrontendMessage.Bind, bytes: Int) throws(WireError) {
    let prepared = try store.statement(message.statement)
    if let statement = prepared.statement { try checkTransaction(allows: statement) }
    guard message.formats.fits(message.values.count) else {
      throw WireError(
        .protocolViolation,
        "bind message has \(message.formats.count) parameter formats but \(message.values.count) parameters")
    }
    guard message.values.count == prepared.parameterTypes.count else {
      throw WireError(
        .protocolViolation,
        "bind message supplies \(message.values.count) parameters, but prepared statement "
          + "\"\(message.statement)\" requires \(prepared.parameterTypes.count)")
    }
    guard prepared.columns.isEmpty || message.resultFormats.fits(prepared.columns.count) else {
      throw WireError(
        .protocolViolation,
        "bind message has \(message.resultFormats.count) result formats but query has "
          + "\(prepared.columns.count) columns")
    }
    let portal = Portal(
      statement: try bound(prepared, message), columns: prepared.columns, formats: message.resultFormats)
    try store.insert(portal, name: message.portal, size: bytes * 4 + 1_024)
    connection.output.writeBindComplete()
  }

  private func bound(
    _ prepared: PreparedStatement, _ message: FrontendMessage.Bind
  ) throws(WireError) -> Statement? {
    switch prepared.statement {
    case .call(var statement):
      try fill(&statement, prepared, message)
      return .call(statement)
    case .literal(var statement):
      try fill(&statement, prepared, message)
      return .literal(statement)
    case let other: return other
    }
  }

  private func fill(
    _ statement: inout CallStatement, _ prepared: PreparedStatement, _ message: FrontendMessage.Bind
  ) throws(WireError) {
    for (place, parameter) in statement.parameters.enumerated() {
      statement.call.arguments[parameter.argument] = try ParameterDecoder.decode(
        message.values[parameter.index], format: message.formats[parameter.index],
        type: prepared.parameterTypes[parameter.index], typeName: prepared.argumentTypeNames[place],
        maximumElements: limits.arrayElements)
    }
  }

  // MARK: Describe

  func describe(_ target: FrontendMessage.Target, _ name: String) throws(WireError) {
    let columns: [WireColumn]
    var formats = FormatCodes.all(.text)
    switch target {
    case .statement:
      let prepared = try store.statement(name)
      connection.output.writeParameterDescription(prepared.parameterTypes)
      columns = prepared.columns
    case .portal:
      let portal = try store.existingPortal(name)
      columns = portal.columns
      formats = portal.formats
    }
    if columns.isEmpty {
      connection.output.writeNoData()
    } else {
      connection.output.writeRowDescription(columns, formats: formats)
    }
  }

  // MARK: Execute

  func execute(portal name: String, maximumRows: Int32) throws(WireError) {
    let portal = try store.existingPortal(name)
    guard let statement = portal.statement else {
      connection.output.writeEmptyQueryResponse()
      return
    }
    try checkTransaction(allows: statement)
    let purpose = ResultPurpose.portal(name, maximumRows: max(0, Int(maximumRows)))
    switch portal.state {
    case .suspended(let rows): return send(rows, columns: portal.columns, purpose: purpose)
    case .done:
      guard !portal.columns.isEmpty else {
        throw WireError(.prerequisiteMissing, "portal \"\(name)\" cannot be run")
      }
      connection.output.writeSelectComplete(rows: 0)
      return
    case .ready: break
    }
    switch statement {
    case .call(let call): start(call.call, columns: portal.columns, purpose: purpose)
    case .literal(let literal):
      send(WireRows(Self.literalResult(literal.call).cell), columns: portal.columns, purpose: purpose)
    case .show(let setting): send(try shown(setting).rows, columns: portal.columns, purpose: purpose)
    default:
      store.complete(name)
      connection.output.writeCommandComplete(try runUtility(statement))
    }
  }
}
