import Functions

/// Puts the conditions of a statement in the order in which they cost least: those without AI calls first, then those
/// that an encoder answers, then those for which a decoder must write.
///
/// SQLite looks at conditions that no index serves in the order in which they are written, and stops at the first that
/// decides. `WHERE ai_filter(body, 'angry') AND stars < 3` asks the model about every row; written the other way round,
/// about the few with less than three stars. AND and OR mean the same in either order
/// (https://www.sqlite.org/lang_expr.html), so operands of each are sorted, in WHERE, HAVING and ON, at every depth;
/// among conditions of the same cost the user's order stays.
package struct PredicateOrder {
  private let calls: StatementCalls
  private var statement: TokenizedStatement { calls.statement }

  /// The statement with its conditions sorted; nil where they are sorted already.
  package static func improved(_ sql: String) -> String? {
    let order = PredicateOrder(calls: StatementCalls(sql))
    guard !order.calls.calls.isEmpty else { return nil }
    let text = order.statement.slice(0..<order.statement.tokens.count)
    let improved = order.render(0..<order.statement.tokens.count)
    return improved == text ? nil : improved
  }

  // MARK: Clauses

  /// The tokens as they were written, but for the conditions in them.
  private func render(_ range: Range<Int>) -> String {
    var text = ""
    var written = range.lowerBound
    var index = range.lowerBound
    while index < range.upperBound {
      let condition = self.condition(behind: index, before: range.upperBound)
      guard !condition.isEmpty else {
        index += 1
        continue
      }
      text +=
        (written == range.lowerBound ? "" : glue(written)) + statement.slice(written..<condition.lowerBound)
      text += glue(condition.lowerBound) + sorted(condition)
      written = condition.upperBound
      index = condition.upperBound
    }
    if written < range.upperBound {
      text += (written == range.lowerBound ? "" : glue(written)) + statement.slice(written..<range.upperBound)
    }
    return text
  }

  /// The blanks and comments before a token.
  private func glue(_ index: Int) -> String {
    guard index > 0, statement.tokens.indices.contains(index) else { return "" }
    let gap = statement.tokens[index - 1].bytes.upperBound..<statement.tokens[index].bytes.lowerBound
    return String(decoding: statement.text[gap], as: UTF8.self)
  }

  private static let clauseEnds = [
    "GROUP", "HAVING", "ORDER", "LIMIT", "WINDOW", "UNION", "INTERSECT", "EXCEPT", "RETURNING",
  ]
  private static let joinEnds = [
    "WHERE", "JOIN", "LEFT", "RIGHT", "FULL", "INNER", "CROSS", "NATURAL", "ON",
  ]

  /// The condition that follows the keyword at `index`; empty where none does.
  private func condition(behind index: Int, before limit: Int) -> Range<Int> {
    let isJoin = statement.isKeyword(index, "ON") && !statement.isKeyword(index + 1, "CONFLICT")
    guard isJoin || statement.isKeyword(index, anyOf: ["WHERE", "HAVING"]) else { return index..<index }
    var depth = 0
    var end = index + 1
    while end < limit {
      if statement.isSymbol(end, "(") { depth += 1 }
      if statement.isSymbol(end, ")") {
        if depth == 0 { break }
        depth -= 1
      }
      if depth == 0 {
        if statement.isKeyword(end, anyOf: Self.clauseEnds) { break }
        if isJoin, statement.isSymbol(end, ",") || statement.isKeyword(end, anyOf: Self.joinEnds) { break }
        if statement.isKeyword(end, "ON"), statement.isKeyword(end + 1, "CONFLICT") { break }
      }
      end += 1
    }
    return index + 1..<end
  }

  // MARK: Conditions

  private func sorted(_ condition: Range<Int>) -> String {
    guard calls.cost(of: condition) > .none else { return statement.slice(condition) }
    for keyword in ["OR", "AND"] {
      let operands = operands(of: condition, keyword)
      guard operands.count > 1 else { continue }
      // A word that was no keyword after all.
      guard operands.allSatisfy({ !$0.isEmpty }) else { return statement.slice(condition) }
      let costs = operands.map { calls.cost(of: $0) }
      let order = operands.indices.sorted { (costs[$0], $0) < (costs[$1], $1) }
      if order == Array(operands.indices) { return joined(condition, operands) }
      return order.map { sorted(operands[$0]) }.joined(separator: " \(keyword) ")
    }
    if statement.isKeyword(condition.lowerBound, "NOT"), condition.count > 1 {
      let rest = condition.lowerBound + 1..<condition.upperBound
      return statement.slice(condition.lowerBound..<rest.lowerBound) + glue(rest.lowerBound) + sorted(rest)
    }
    return parenthesised(condition) ?? render(condition)
  }

  /// Operands in the order in which they stand, with what stands between them.
  private func joined(_ condition: Range<Int>, _ operands: [Range<Int>]) -> String {
    var text = ""
    var written = condition.lowerBound
    for operand in operands {
      if operand.lowerBound > written {
        text +=
          (written > condition.lowerBound ? glue(written) : "")
          + statement.slice(written..<operand.lowerBound) + glue(operand.lowerBound)
      }
      text += sorted(operand)
      written = operand.upperBound
    }
    return text
  }

  /// A condition in parentheses of its own; nil where it is none: a subquery, a row of values, a part of a larger term.
  private func parenthesised(_ condition: Range<Int>) -> String? {
    let inner = condition.dropFirst().dropLast()
    guard statement.isSymbol(condition.lowerBound, "("), !inner.isEmpty,
      statement.closingParenthesis(of: condition.lowerBound) == condition.upperBound - 1,
      !statement.startsQuery(inner.lowerBound), operands(of: inner, ",").count == 1
    else { return nil }
    return "(" + sorted(inner) + ")"
  }

  /// The parts between the keywords (or commas) that stand outside parentheses and CASE … END. The AND of BETWEEN is
  /// none of them.
  private func operands(of range: Range<Int>, _ separator: String) -> [Range<Int>] {
    var operands: [Range<Int>] = []
    var start = range.lowerBound
    var depth = 0
    var isBetween = false
    for index in range {
      if statement.isSymbol(index, "(") || statement.isKeyword(index, "CASE") { depth += 1 }
      if statement.isSymbol(index, ")") || statement.isKeyword(index, "END") { depth -= 1 }
      guard depth == 0 else { continue }
      if statement.isKeyword(index, "BETWEEN") { isBetween = true }
      guard separator == "," ? statement.isSymbol(index, ",") : statement.isKeyword(index, separator) else {
        continue
      }
      if separator == "AND", isBetween {
        isBetween = false
        continue
      }
      operands.append(start..<index)
      start = index + 1
    }
    operands.append(start..<range.upperBound)
    return operands
  }
}
