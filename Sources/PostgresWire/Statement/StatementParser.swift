/// A strict recursive-descent parser of the statements that the server takes, over UTF-8 bytes.
///
/// The grammar is a small part of PostgreSQL's, and what it accepts means the same there:
/// ```
/// query      = { [ statement ] ";" } [ statement ]
/// statement  = SELECT call [ alias ] | SELECT "*" FROM call [ alias ] | SELECT argument [ alias ] | utility
/// call       = [ schema "." ] name "(" [ argument { "," argument } ] ")"
/// argument   = ( string | number | TRUE | FALSE | NULL | array | "$" digits ) { "::" type }
/// array      = ARRAY "[" [ element { "," element } ] "]"
/// alias      = [ AS ] name
/// ```
package struct StatementParser {
  var scanner: StatementScanner
  private let limits: StatementLimits
  private var arrayElementCount = 0

  private init(bytes: UnsafeBufferPointer<UInt8>, limits: StatementLimits) {
    scanner = StatementScanner(bytes: bytes)
    self.limits = limits
  }

  /// Reads all statements of a query string; empty ones are left out.
  ///
  /// - Throws: 42601 and others, with the place in the string.
  package static func parse(
    _ bytes: UnsafeBufferPointer<UInt8>, limits: StatementLimits = StatementLimits()
  ) throws(WireError) -> [Statement] {
    var parser = StatementParser(bytes: bytes, limits: limits)
    return try parser.parseQuery()
  }

  package static func parse(
    _ text: String, limits: StatementLimits = StatementLimits()
  ) throws(WireError) -> [Statement] {
    var text = text
    let result = text.withUTF8 { bytes in
      Result { () throws(WireError) in try parse(bytes, limits: limits) }
    }
    return try result.get()
  }

  // MARK: Statements

  private mutating func parseQuery() throws(WireError) -> [Statement] {
    var statements: [Statement] = []
    while true {
      try scanner.skipSpace()
      if scanner.isAtEnd { return statements }
      if scanner.take(UInt8(ascii: ";")) { continue }
      guard statements.count < limits.statements else {
        throw scanner.error(
          .programLimitExceeded, "a query string may hold at most \(limits.statements) statements")
      }
      statements.append(try parseStatement())
      try scanner.skipSpace()
      guard scanner.isAtEnd || scanner.take(UInt8(ascii: ";")) else {
        throw scanner.syntaxError(expected: "the end of the statement")
      }
    }
  }

  private mutating func parseStatement() throws(WireError) -> Statement {
    let start = scanner.position
    guard let word = try scanner.takeWord() else { throw scanner.syntaxError(expected: Self.accepted) }
    if word == "select" { return try parseSelect() }
    if let utility = try parseUtility(word, start: start) { return utility }
    scanner.position = start
    if word == "copy" {
      throw scanner.error(
        .featureNotSupported, "COPY is not supported: this server takes function calls, one a statement")
    }
    throw scanner.syntaxError(expected: Self.accepted)
  }

  static let accepted =
    "a call, such as SELECT name(argument, …) or SELECT * FROM name(argument, …) with literals, ARRAY[…] or "
    + "$1 as arguments (this server takes function calls only; SET, SHOW, BEGIN, COMMIT and ROLLBACK are "
    + "understood too)"

  private mutating func parseSelect() throws(WireError) -> Statement {
    try scanner.skipSpace()
    var form = WireCall.Form.scalar
    if scanner.take(UInt8(ascii: "*")) {
      form = .table
      guard try scanner.take(word: "from") else { throw scanner.syntaxError(expected: "FROM") }
    } else if let statement = try parseLiteral() {
      return .literal(statement)
    }
    try scanner.skipSpace()
    let start = scanner.position
    guard var name = try scanner.takeIdentifier() else {
      throw scanner.syntaxError(expected: "a function's name or a literal")
    }
    // Reserved words are no names here, as in PostgreSQL; a call of them is some other syntax.
    if !name.isQuoted, Self.reservedWords.contains(name.text) {
      scanner.position = start
      throw scanner.syntaxError(expected: "a function's name or a literal")
    }
    try scanner.skipSpace()
    if scanner.take(UInt8(ascii: ".")) {
      guard let unqualified = try scanner.takeIdentifier() else {
        throw scanner.syntaxError(expected: "a function's name behind its schema")
      }
      name = unqualified
      try scanner.skipSpace()
    }
    guard scanner.take(UInt8(ascii: "(")) else {
      throw scanner.syntaxError(expected: "\"(\" and the function's arguments")
    }
    var statement = CallStatement(call: WireCall(name.text, [], form: form))
    try parseArguments(into: &statement)
    statement.call.alias = try parseAlias()
    return .call(statement)
  }

  private static let reservedWords: Set<String> = [
    "all", "and", "any", "array", "as", "asc", "case", "cast", "distinct", "end", "except", "false", "for",
    "from", "group", "having", "in", "into", "lateral", "limit", "not", "null", "offset", "on", "only", "or",
    "order", "select", "some", "table", "then", "true", "union", "unique", "user", "using", "variadic",
    "when",
    "where", "window", "with",
  ]

  private mutating func parseLiteral() throws(WireError) -> CallStatement? {
    var statement = CallStatement(call: WireCall("?column?", []))
    guard try parseArgument(into: &statement) else { return nil }
    statement.call.alias = try parseAlias()
    return statement
  }

  private mutating func parseAlias() throws(WireError) -> String? {
    try scanner.skipSpace()
    if try scanner.take(word: "as") {
      guard let alias = try scanner.takeIdentifier() else {
        throw scanner.syntaxError(expected: "an alias behind AS")
      }
      return alias.text
    }
    let start = scanner.position
    guard let alias = try scanner.takeIdentifier() else { return nil }
    if !alias.isQuoted, Self.reservedWords.contains(alias.text) {
      scanner.position = start
      return nil
    }
    return alias.text
  }

  // MARK: Arguments

  private mutating func parseArguments(into statement: inout CallStatement) throws(WireError) {
    try scanner.skipSpace()
    if scanner.take(UInt8(ascii: ")")) { return }
    while true {
      try scanner.skipSpace()
      guard statement.call.arguments.count < limits.arguments else {
        throw scanner.error(
          .programLimitExceeded, "a call may have at most \(limits.arguments) arguments")
      }
      guard try parseArgument(into: &statement) else {
        throw scanner.syntaxError(
          expected: "a literal, ARRAY[…] or $1 as argument (expressions and columns are not evaluated here)")
      }
      try scanner.skipSpace()
      if scanner.take(UInt8(ascii: ",")) { continue }
      if scanner.take(UInt8(ascii: ")")) { return }
      throw scanner.syntaxError(expected: "\",\" or \")\" behind an argument")
    }
  }

  /// - Returns: false where no argument begins here; nothing is read then.
  private mutating func parseArgument(into statement: inout CallStatement) throws(WireError) -> Bool {
    if let number = try scanner.takeParameter() {
      var castName: String?
      while let name = try parseCast() {
        guard castName == nil || castName == name else {
          throw scanner.error(.featureNotSupported, "a parameter takes one cast at most")
        }
        castName = name
      }
      statement.parameters.append(
        StatementParameter(
          argument: statement.call.arguments.count, index: number - 1, castName: castName))
      statement.call.arguments.append(WireArgument(.null, typeName: castName))
      return true
    }
    guard let argument = try parseValue(depth: 1) else { return false }
    statement.call.arguments.append(argument)
    return true
  }

  /// Reads a literal or an array with its casts; nil where none begins here, and nothing is read then.
  ///
  /// - Parameter depth: of the array that begins here, if one does.
  private mutating func parseValue(depth: Int) throws(WireError) -> WireArgument? {
    let start = scanner.position
    var value: WireArgument
    if let text = try scanner.takeString() {
      value = WireArgument(.text(text))
    } else if let number = try scanner.takeNumber() {
      value = WireArgument(.number(number))
    } else {
      switch try scanner.takeWord() {
      case "null": value = WireArgument(.null)
      case "true": value = WireArgument(.boolean(true), typeName: "boolean")
      case "false": value = WireArgument(.boolean(false), typeName: "boolean")
      case "array":
        try scanner.skipSpace()
        guard scanner.current == UInt8(ascii: "[") else {
          throw scanner.syntaxError(expected: "\"[\" behind ARRAY")
        }
        value = try parseArray(depth: depth)
      default:
        scanner.position = start
        return nil
      }
    }
    while let name = try parseCast() {
      value = try placing(at: start) { () throws(WireError) in
        try ArgumentCast.convert(value, to: name, maximumElements: limits.arrayElements)
      }
      // Arrays in brackets were counted while they were read, and casts don't make them longer.
      if isString(at: start) { try count(value.value) }
    }
    return value
  }

  /// Reads `[…]`; inner arrays may repeat the word ARRAY or leave it out, as in PostgreSQL.
  private mutating func parseArray(depth: Int) throws(WireError) -> WireArgument {
    guard depth <= 2 else {
      throw scanner.error(.programLimitExceeded, "arrays may have at most two dimensions")
    }
    let start = scanner.position
    scanner.position += 1
    var elements: [WireArgument] = []
    try scanner.skipSpace()
    if !scanner.take(UInt8(ascii: "]")) {
      while true {
        try scanner.skipSpace()
        let isArray = scanner.current == UInt8(ascii: "[")
        guard let element = isArray ? try parseArray(depth: depth + 1) : try parseValue(depth: depth + 1)
        else { throw scanner.syntaxError(expected: "a literal as element") }
        try count(1)
        elements.append(element)
        try scanner.skipSpace()
        if scanner.take(UInt8(ascii: "]")) { break }
        guard scanner.take(UInt8(ascii: ",")) else {
          throw scanner.syntaxError(expected: "\",\" or \"]\" behind an element")
        }
      }
    }
    return try placing(at: start) { () throws(WireError) in try ArgumentCast.array(elements) }
  }

  // MARK: Limits and places

  private func isString(at start: Int) -> Bool {
    switch scanner.bytes[start] {
    case UInt8(ascii: "'"), UInt8(ascii: "$"), UInt8(ascii: "e"), UInt8(ascii: "E"): true
    default: false
    }
  }

  private mutating func count(_ value: WireValue) throws(WireError) {
    guard case .array(let elements) = value else { return }
    try count(elements.count)
    for case .array(let inner) in elements { try count(inner.count) }
  }

  private mutating func count(_ elements: Int) throws(WireError) {
    arrayElementCount += elements
    guard arrayElementCount <= limits.arrayElements else {
      throw scanner.error(
        .programLimitExceeded, "a query string may hold at most \(limits.arrayElements) array elements")
    }
  }

  /// Runs a conversion; its error names the place where the value stands.
  private func placing<Value>(
    at start: Int, _ body: () throws(WireError) -> Value
  ) throws(WireError) -> Value {
    do throws(WireError) {
      return try body()
    } catch {
      var placed = error
      placed.position = scanner.characterPosition(of: start)
      throw placed
    }
  }

  // MARK: Casts

  /// Reads `:: type`, where one stands here.
  private mutating func parseCast() throws(WireError) -> String? {
    try scanner.skipSpace()
    guard scanner.takeCastOperator() else { return nil }
    try scanner.skipSpace()
    guard var name = try scanner.takeIdentifier() else {
      throw scanner.syntaxError(expected: "a type's name behind ::")
    }
    try scanner.skipSpace()
    if scanner.take(UInt8(ascii: ".")) {
      guard let unqualified = try scanner.takeIdentifier() else {
        throw scanner.syntaxError(expected: "a type's name behind its schema")
      }
      name = unqualified
    }
    var type = name.text
    if !name.isQuoted {
      // The two types of more than one word that calls use.
      if type == "double" {
        guard try scanner.take(word: "precision") else { throw scanner.syntaxError(expected: "PRECISION") }
        type = "double precision"
      } else if type == "character", try scanner.take(word: "varying") {
        type = "character varying"
      }
    }
    try skipTypeModifier()
    var isArray = false
    while true {
      try scanner.skipSpace()
      guard scanner.take(UInt8(ascii: "[")) else { break }
      isArray = true
      try scanner.skipSpace()
      scanner.skipDigits()
      try scanner.skipSpace()
      guard scanner.take(UInt8(ascii: "]")) else { throw scanner.syntaxError(expected: "\"]\"") }
    }
    return WireType.canonicalName(isArray ? type + "[]" : type)
  }

  /// Refuses `(10)` behind a type: it would change the value (cut it, round it), which nothing here does.
  private mutating func skipTypeModifier() throws(WireError) {
    try scanner.skipSpace()
    guard scanner.current == UInt8(ascii: "(") else { return }
    throw scanner.error(.featureNotSupported, "type modifiers like varchar(10) are not supported here")
  }
}
