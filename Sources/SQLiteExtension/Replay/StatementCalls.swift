import Functions

/// The AI calls that stand in a statement's text, and what each costs.
package struct StatementCalls {
  /// A call, by the places of its name and of its closing parenthesis among the tokens.
  struct Call {
    let name: Int
    let end: Int
    let cost: CallCost
  }

  let statement: TokenizedStatement
  let calls: [Call]
  /// Names that the statement gives to calls: `ai_sentiment(body) AS mood`. Elsewhere in it they stand for the call.
  private let aliases: [String: CallCost]

  package init(_ sql: String) { self.init(TokenizedStatement(sql)) }

  init(_ statement: TokenizedStatement) {
    self.statement = statement
    var calls: [Call] = []
    var aliases: [String: CallCost] = [:]
    for index in statement.tokens.indices where statement.isSymbol(index + 1, "(") {
      guard statement.isName(index) else { continue }
      let cost = CallCost(statement.name(index), literals: Self.literals(statement, from: index + 1))
      guard cost > .none else { continue }
      let end = statement.closingParenthesis(of: index + 1)
      calls.append(Call(name: index, end: end, cost: cost))
      guard let alias = Self.alias(statement, behind: end) else { continue }
      aliases[alias] = max(aliases[alias] ?? .none, cost)
    }
    self.calls = calls
    self.aliases = aliases
  }

  /// The name that is given to the call which ends at `index`, in a list of result columns.
  private static func alias(_ statement: TokenizedStatement, behind index: Int) -> String? {
    if statement.isKeyword(index + 1, "AS") {
      return statement.isName(index + 2) ? statement.name(index + 2) : nil
    }
    // AS may be left out; then what follows tells a name from an operator or the end of a larger term.
    let ends = statement.isSymbol(index + 2, ",") || statement.isKeyword(index + 2, "FROM")
    guard ends, statement.isName(index + 1),
      !statement.isKeyword(index + 1, anyOf: ["END", "ISNULL", "NOTNULL", "NULL", "ASC", "DESC"])
    else { return nil }
    return statement.name(index + 1)
  }

  /// What the most expensive call among some tokens costs.
  func cost(of range: Range<Int>) -> CallCost {
    var cost = calls.reduce(CallCost.none) { range.contains($1.name) ? max($0, $1.cost) : $0 }
    guard !aliases.isEmpty else { return cost }
    for index in range where statement.tokens[index].kind != .string && statement.isName(index) {
      if let named = aliases[statement.name(index)] { cost = max(cost, named) }
    }
    return cost
  }

  /// Whether one call's answer may decide whether another call is made, or with what: then the calls of a pass with
  /// unknown answers need not be all. Calls in the list of result columns decide nothing.
  var mayDecide: Bool {
    guard calls.count != 1 else { return false }
    return calls.isEmpty || !calls.allSatisfy(isPlainColumn)
  }

  /// Whether the statement makes one call, for a result column, and its answer changes neither the number of rows nor
  /// any other call: then a pass with unknown answers finds all calls and counts the rows.
  package var areFoundAtOnce: Bool {
    guard calls.count == 1, isPlainColumn(calls[0]), calls[0].end < statement.tokens.count else {
      return false
    }
    let comparesRows = statement.tokens.indices.contains { index in
      statement.isKeyword(
        index, anyOf: ["DISTINCT", "GROUP", "HAVING", "UNION", "EXCEPT", "INTERSECT", "LIMIT"])
    }
    // Behind the call and the name that it is given, that name could stand for the answer and choose rows.
    let end = calls[0].end
    let behind = min(end + (statement.isKeyword(end + 1, "AS") ? 3 : 2), statement.tokens.count)
    return !comparesRows && cost(of: behind..<statement.tokens.count) == .none
  }

  private func isPlainColumn(_ call: Call) -> Bool {
    var depth = 0
    var caseDepth = 0
    var hasSelect = false
    for index in 0..<call.name {
      if statement.isSymbol(index, "(") { depth += 1 }
      if statement.isSymbol(index, ")") { depth -= 1 }
      if statement.isKeyword(index, "CASE") { caseDepth += 1 }
      if statement.isKeyword(index, "END") { caseDepth -= 1 }
      guard depth == 0 else { continue }
      if statement.isKeyword(index, "SELECT") { hasSelect = true }
      if statement.isKeyword(
        index, anyOf: ["FROM", "WHERE", "HAVING", "LIMIT", "UNION", "EXCEPT", "INTERSECT"])
      {
        return false
      }
    }
    let enclosing = calls.contains { $0.name < call.name && call.name < $0.end }
    return hasSelect && caseDepth == 0 && !enclosing && !isInSubquery(call)
  }

  private func isInSubquery(_ call: Call) -> Bool {
    (0..<call.name).contains { index in
      statement.isSymbol(index, "(") && statement.startsQuery(index + 1)
        && statement.closingParenthesis(of: index) > call.name
    }
  }

  /// The arguments of the call whose parenthesis opens at `index`: the text of those that are a string, nil for others.
  private static func literals(_ statement: TokenizedStatement, from index: Int) -> [String?] {
    let end = statement.closingParenthesis(of: index)
    guard index + 1 < end else { return [] }
    var literals: [String?] = []
    var start = index + 1
    var depth = 0
    for position in index + 1...end where position < statement.tokens.count {
      if statement.isSymbol(position, "(") { depth += 1 }
      if statement.isSymbol(position, ")"), position < end { depth -= 1 }
      guard position == end || depth == 0 && statement.isSymbol(position, ",") else { continue }
      literals.append(position - start == 1 ? statement.literal(start) : nil)
      start = position + 1
    }
    return literals
  }
}

extension TokenizedStatement {
  /// What a string in single quotation marks says; nil for any other token.
  fileprivate func literal(_ index: Int) -> String? {
    guard tokens.indices.contains(index), tokens[index].kind == .string, tokens[index].bytes.count >= 2 else {
      return nil
    }
    var content: [UInt8] = []
    var isEscaped = false
    for byte in text[tokens[index].bytes].dropFirst().dropLast() {
      if byte == UInt8(ascii: "'"), !isEscaped {
        isEscaped = true
        continue
      }
      isEscaped = false
      content.append(byte)
    }
    return String(decoding: content, as: UTF8.self)
  }
}
