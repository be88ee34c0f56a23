/// The statements that ordinary drivers send around calls.
extension StatementParser {
  /// - Parameters:
  ///   - word: the statement's first word.
  ///   - start: where it stands.
  /// - Returns: nil where the statement is none of these.
  mutating func parseUtility(_ word: String, start: Int) throws(WireError) -> Statement? {
    switch word {
    case "set": return try parseSet()
    case "reset":
      guard let name = try parseSettingName() else { throw scanner.syntaxError(expected: "a setting's name") }
      return .reset(name: name == "all" ? nil : name)
    case "show":
      guard let name = try parseSettingName() else { throw scanner.syntaxError(expected: "a setting's name") }
      return .show(name: name == "all" ? nil : name)
    case "begin":
      try skipTransactionWords()
      return .begin
    case "start":
      guard try scanner.take(word: "transaction") else {
        throw scanner.syntaxError(expected: "TRANSACTION")
      }
      try skipTransactionWords()
      return .begin
    case "commit", "end":
      try skipTransactionWords()
      return .commit
    case "rollback", "abort":
      try skipTransactionWords()
      return .rollback
    case "discard":
      guard let what = try scanner.takeWord(),
        ["all", "plans", "sequences", "temp", "temporary"].contains(what)
      else { throw scanner.syntaxError(expected: "ALL, PLANS, SEQUENCES or TEMP") }
      return .discard(tag: "DISCARD \(what.uppercased())")
    case "deallocate":
      _ = try scanner.take(word: "prepare")
      guard let name = try scanner.takeIdentifier() else {
        throw scanner.syntaxError(expected: "a prepared statement's name or ALL")
      }
      return .deallocate(name: !name.isQuoted && name.text == "all" ? nil : name.text)
    case "close":
      guard try scanner.take(word: "all") else { throw scanner.syntaxError(expected: "ALL") }
      return .nothing(tag: "CLOSE CURSOR ALL")
    case "unlisten":
      try scanner.skipSpace()
      guard scanner.take(UInt8(ascii: "*")) else { throw scanner.syntaxError(expected: "\"*\"") }
      return .nothing(tag: "UNLISTEN")
    default: return nil
    }
  }

  private mutating func parseSet() throws(WireError) -> Statement {
    let start = scanner.position
    if try scanner.take(word: "session") {
      if try scanner.take(word: "characteristics") {
        try skipTransactionWords()
        return .nothing(tag: "SET")
      }
    } else if try scanner.take(word: "local") {
      // There is nothing a setting could be local to: a transaction here holds no work.
    } else if try scanner.take(word: "transaction") {
      try skipTransactionWords()
      return .nothing(tag: "SET")
    } else {
      scanner.position = start
    }
    if try scanner.take(word: "names") {
      return .set(name: "client_encoding", value: try parseSettingValue())
    }
    guard let name = try parseSettingName() else { throw scanner.syntaxError(expected: "a setting's name") }
    if name != "timezone" || !scanner.followsTimeZoneWords {
      try scanner.skipSpace()
      if !scanner.take(UInt8(ascii: "=")) {
        guard try scanner.take(word: "to") else { throw scanner.syntaxError(expected: "\"=\" or TO") }
      }
    }
    return .set(name: name, value: try parseSettingValue())
  }

  /// A setting's name, folded; `TIME ZONE` and the like stand for the settings behind them.
  private mutating func parseSettingName() throws(WireError) -> String? {
    scanner.followsTimeZoneWords = false
    guard let first = try scanner.takeIdentifier() else { return nil }
    if first.text == "time", try scanner.take(word: "zone") {
      scanner.followsTimeZoneWords = true
      return "timezone"
    }
    if first.text == "transaction", try scanner.take(word: "isolation") {
      guard try scanner.take(word: "level") else { throw scanner.syntaxError(expected: "LEVEL") }
      return "transaction_isolation"
    }
    if first.text == "session", try scanner.take(word: "authorization") { return "session_authorization" }
    var name = first.text
    // A customised setting has a qualified name: `myapp.user_id`.
    while scanner.take(UInt8(ascii: ".")) {
      guard let part = try scanner.takeIdentifier() else {
        throw scanner.syntaxError(expected: "the rest of a setting's name")
      }
      name += "." + part.text
    }
    return String(decoding: name.utf8.map(ASCII.lowercased), as: UTF8.self)
  }

  /// One or more values, separated by commas; nil stands for DEFAULT.
  private mutating func parseSettingValue() throws(WireError) -> String? {
    var values: [String] = []
    while true {
      try scanner.skipSpace()
      if let text = try scanner.takeString() {
        values.append(text)
      } else if let number = try scanner.takeNumber() {
        values.append(number)
      } else if let word = try scanner.takeIdentifier() {
        if values.isEmpty, !word.isQuoted, word.text == "default" { return nil }
        values.append(word.text)
      } else {
        throw scanner.syntaxError(expected: "a setting's value")
      }
      try scanner.skipSpace()
      guard scanner.take(UInt8(ascii: ",")) else { return values.joined(separator: ", ") }
      guard values.count < 100 else {
        throw scanner.error(.programLimitExceeded, "a setting may have at most 100 values")
      }
    }
  }

  /// Isolation levels and modes mean nothing where there is no data: any known words may follow.
  private mutating func skipTransactionWords() throws(WireError) {
    while true {
      let start = scanner.position
      guard let word = try scanner.takeWord() else {
        try scanner.skipSpace()
        if scanner.take(UInt8(ascii: ",")) { continue }
        return
      }
      guard Self.transactionWords.contains(word) else {
        scanner.position = start
        try scanner.skipSpace()
        throw scanner.syntaxError(expected: "the end of the statement")
      }
    }
  }

  private static let transactionWords: Set<String> = [
    "work", "transaction", "isolation", "level", "serializable", "repeatable", "read", "committed",
    "uncommitted", "only", "write", "not", "deferrable", "and", "no", "chain", "as",
  ]
}
