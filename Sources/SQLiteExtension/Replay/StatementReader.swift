/// Reads one statement's tokens and builds its query part: the grammar behind `StatementAnalysis`.
///
/// Only as much of SQLite's grammar (https://www.sqlite.org/lang.html) is known here as it takes to find where
/// clauses start: keywords outside all parentheses.
struct StatementReader {
  private let statement: TokenizedStatement
  private var tokens: [SQLToken] { statement.tokens }
  private var position = 0

  init(_ sql: String) { statement = TokenizedStatement(sql) }

  var statementText: String { slice(0..<tokens.count) }

  func contains(_ keyword: String) -> Bool {
    tokens.indices.contains { isKeyword($0, keyword) }
  }

  mutating func analyse() -> (StatementAnalysis.Kind, String?) {
    guard !tokens.isEmpty else { return (.empty, nil) }
    if accept("EXPLAIN") { return (.explain, nil) }
    if accept("CREATE") { return readCreate() }

    var tables: CommonTables?
    if isKeyword(position, "WITH") {
      guard let read = readCommonTables() else { return (.other, nil) }
      tables = read
    }
    if isKeyword(position, "SELECT") || isKeyword(position, "VALUES") {
      return (.query, slice(0..<tokens.count))
    }
    if accept("INSERT") {
      skipConflictChoice()
      return (.insert, accept("INTO") ? readInsert(after: tables) : nil)
    }
    if accept("REPLACE") { return (.insert, accept("INTO") ? readInsert(after: tables) : nil) }
    if accept("UPDATE") {
      skipConflictChoice()
      return (.update, readUpdate(after: tables))
    }
    if accept("DELETE") { return (.delete, accept("FROM") ? readDelete(after: tables) : nil) }
    return (.other, nil)
  }

  // MARK: Statements

  private mutating func readCreate() -> (StatementAnalysis.Kind, String?) {
    _ = accept("TEMP") || accept("TEMPORARY")
    guard accept("TABLE") else { return (.other, nil) }
    if accept("IF") {
      guard accept("NOT"), accept("EXISTS") else { return (.other, nil) }
    }
    guard skipQualifiedName(), accept("AS"), position < tokens.count else { return (.other, nil) }
    return (.createTableAs, slice(position..<tokens.count))
  }

  /// INSERT INTO and REPLACE INTO, from the table's name on.
  private mutating func readInsert(after outer: CommonTables?) -> String? {
    guard skipQualifiedName() else { return nil }
    if accept("AS") { position += 1 }
    if isSymbol(position, "(") { skipGroup() }

    var tables = outer
    if isKeyword(position, "WITH") {
      guard let inner = readCommonTables() else { return nil }
      tables = outer?.followed(by: inner) ?? inner
    }
    guard startsQuery(position) else { return nil }
    let end = indexOutsideParentheses(from: position) { reader, index in
      reader.isKeyword(index, "RETURNING") || reader.startsUpsert(index)
    }
    return compose(tables, slice(position..<end))
  }

  /// UPDATE, from the table's name on.
  private mutating func readUpdate(after tables: CommonTables?) -> String? {
    let setIndex = indexOutsideParentheses(from: position) { $0.isKeyword($1, "SET") }
    guard setIndex > position, setIndex < tokens.count else { return nil }
    let target = slice(position..<setIndex)

    position = setIndex + 1
    let assignmentsEnd = indexOutsideParentheses(from: position) { reader, index in
      reader.startsFrom(index) || reader.isKeyword(index, "WHERE") || reader.startsEnding(index)
    }
    guard let values = readAssignments(position..<assignmentsEnd) else { return nil }

    position = assignmentsEnd
    var source = target
    if startsFrom(position) {
      let end = indexOutsideParentheses(from: position) { reader, index in
        reader.isKeyword(index, "WHERE") || reader.startsEnding(index)
      }
      let joined = position + 1..<end
      guard !joined.isEmpty else { return nil }
      // NATURAL and USING compare with every table to their left; the updated table is not meant.
      let comparesNames = joined.contains { isKeyword($0, "NATURAL") || isKeyword($0, "USING") }
      source += comparesNames ? ", (\(slice(joined)))" : ", \(slice(joined))"
      position = end
    }
    return compose(tables, "SELECT \(values) FROM \(source)\(readRest().clauses)")
  }

  /// DELETE FROM, from the table's name on.
  private mutating func readDelete(after tables: CommonTables?) -> String? {
    let end = indexOutsideParentheses(from: position) { reader, index in
      reader.isKeyword(index, "WHERE") || reader.startsEnding(index)
    }
    guard end > position else { return nil }
    let target = slice(position..<end)
    position = end
    let rest = readRest()
    // Without a condition or an answer there is no expression to evaluate.
    if rest.clauses.isEmpty && rest.returning == nil { return nil }
    return compose(tables, "SELECT \(rest.returning ?? "1") FROM \(target)\(rest.clauses)")
  }

  // MARK: Clauses

  /// The common table expressions of a WITH clause.
  private struct CommonTables {
    var isRecursive: Bool
    /// From the first table's name to the last one's closing parenthesis.
    var definitions: String

    func followed(by inner: CommonTables) -> CommonTables {
      CommonTables(
        isRecursive: isRecursive || inner.isRecursive, definitions: definitions + ", " + inner.definitions)
    }
  }

  private mutating func readCommonTables() -> CommonTables? {
    guard accept("WITH") else { return nil }
    let isRecursive = accept("RECURSIVE")
    let start = position
    repeat {
      guard isName(position) else { return nil }
      position += 1
      if isSymbol(position, "(") { skipGroup() }
      guard accept("AS") else { return nil }
      _ = accept("NOT")
      _ = accept("MATERIALIZED")
      guard isSymbol(position, "(") else { return nil }
      skipGroup()
    } while acceptSymbol(",")
    return CommonTables(isRecursive: isRecursive, definitions: slice(start..<position))
  }

  private func compose(_ tables: CommonTables?, _ query: String) -> String {
    guard let tables else { return query }
    return "WITH \(tables.isRecursive ? "RECURSIVE " : "")\(tables.definitions) \(query)"
  }

  /// WHERE, RETURNING, ORDER BY and LIMIT, up to the statement's end.
  private mutating func readRest() -> (clauses: String, returning: String?) {
    let returningIndex = indexOutsideParentheses(from: position) { $0.isKeyword($1, "RETURNING") }
    guard returningIndex < tokens.count else {
      return (clause(position..<tokens.count), nil)
    }
    let end = indexOutsideParentheses(from: returningIndex + 1) { reader, index in
      reader.isKeyword(index, "ORDER") || reader.isKeyword(index, "LIMIT")
    }
    let returning = returningIndex + 1..<end
    return (
      clause(position..<returningIndex) + clause(end..<tokens.count),
      returning.isEmpty ? nil : slice(returning)
    )
  }

  /// The right-hand sides of `a = e, (b, c) = (f, g)` as a list of result columns.
  private func readAssignments(_ range: Range<Int>) -> String? {
    var columns: [String] = []
    var start = range.lowerBound
    while start < range.upperBound {
      let end = min(indexOutsideParentheses(from: start) { $0.isSymbol($1, ",") }, range.upperBound)
      let equals = indexOutsideParentheses(from: start) { $0.isSymbol($1, "=") }
      guard equals + 1 < end else { return nil }
      guard let column = readAssignment(target: start..<equals, value: equals + 1..<end) else { return nil }
      columns.append(column)
      start = end + 1
    }
    return columns.isEmpty ? nil : columns.joined(separator: ", ")
  }

  private func readAssignment(target: Range<Int>, value: Range<Int>) -> String? {
    guard isSymbol(target.lowerBound, "(") else { return slice(value) }
    guard isSymbol(value.lowerBound, "("), value.count > 2 else { return nil }
    let count = 1 + target.filter { isSymbol($0, ",") }.count
    if startsQuery(value.lowerBound + 1) {
      // A subquery of several columns can only be compared; comparing evaluates all of them.
      guard count > 1 else { return slice(value) }
      return "\(slice(value)) IS (\(Array(repeating: "NULL", count: count).joined(separator: ", ")))"
    }
    return slice(value.lowerBound + 1..<value.upperBound - 1)
  }

  /// INSERT OR IGNORE, UPDATE OR FAIL, …
  private mutating func skipConflictChoice() {
    if accept("OR") { position += 1 }
  }

  private mutating func skipQualifiedName() -> Bool {
    guard isName(position) else { return false }
    position += 1
    if acceptSymbol(".") {
      guard isName(position) else { return false }
      position += 1
    }
    return true
  }

  /// From an opening parenthesis to behind its closing one.
  private mutating func skipGroup() {
    var depth = 0
    while position < tokens.count {
      if isSymbol(position, "(") { depth += 1 }
      if isSymbol(position, ")") { depth -= 1 }
      position += 1
      if depth == 0 { return }
    }
  }

  // MARK: Tokens

  private func isKeyword(_ index: Int, _ keyword: String) -> Bool { statement.isKeyword(index, keyword) }

  private func isSymbol(_ index: Int, _ symbol: Unicode.Scalar) -> Bool { statement.isSymbol(index, symbol) }

  private func isName(_ index: Int) -> Bool { statement.isName(index) }

  private func startsQuery(_ index: Int) -> Bool { statement.startsQuery(index) }

  /// FROM as a clause, not the operator IS DISTINCT FROM.
  private func startsFrom(_ index: Int) -> Bool {
    isKeyword(index, "FROM") && !(index > 0 && isKeyword(index - 1, "DISTINCT"))
  }

  private func startsEnding(_ index: Int) -> Bool {
    isKeyword(index, "RETURNING") || isKeyword(index, "ORDER") || isKeyword(index, "LIMIT")
  }

  private func startsUpsert(_ index: Int) -> Bool {
    isKeyword(index, "ON") && isKeyword(index + 1, "CONFLICT")
      && (isSymbol(index + 2, "(") || isKeyword(index + 2, "DO"))
  }

  /// The first token from `start` on, outside all parentheses, that satisfies `condition`, or the end.
  private func indexOutsideParentheses(from start: Int, where condition: (Self, Int) -> Bool) -> Int {
    var depth = 0
    var index = start
    while index < tokens.count {
      if depth == 0 && condition(self, index) { return index }
      if isSymbol(index, "(") { depth += 1 }
      if isSymbol(index, ")") { depth -= 1 }
      index += 1
    }
    return tokens.count
  }

  private mutating func accept(_ keyword: String) -> Bool {
    guard isKeyword(position, keyword) else { return false }
    position += 1
    return true
  }

  private mutating func acceptSymbol(_ symbol: Unicode.Scalar) -> Bool {
    guard isSymbol(position, symbol) else { return false }
    position += 1
    return true
  }

  private func slice(_ range: Range<Int>) -> String { statement.slice(range) }

  /// A slice with a blank before it, or nothing.
  private func clause(_ range: Range<Int>) -> String {
    range.isEmpty ? "" : " " + slice(range)
  }
}
