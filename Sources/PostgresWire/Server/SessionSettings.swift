/// A session's settings: what SET, SHOW and the start-up packet deal with. Few of them mean anything here;
/// the others are kept so that drivers find what they set.
struct SessionSettings {
  /// A setting whose changes the client is told of (ParameterStatus).
  struct Reported {
    var name: String
    var value: String
  }

  /// Names in the spelling in which they are shown, and what they are where a client sets nothing.
  private static let known: [(name: String, value: String)] = [
    ("application_name", ""), ("client_encoding", "UTF8"), ("DateStyle", "ISO, MDY"),
    ("default_transaction_read_only", "off"), ("in_hot_standby", "off"), ("integer_datetimes", "on"),
    ("IntervalStyle", "postgres"), ("is_superuser", "off"), ("server_encoding", "UTF8"),
    ("server_version", ""), ("session_authorization", ""), ("standard_conforming_strings", "on"),
    ("TimeZone", "UTC"),
  ]
  private static let reportedNames = Dictionary(
    uniqueKeysWithValues: known.map { ($0.name.lowercased(), $0.name) })
  private static let fixed: Set<String> = [
    "in_hot_standby", "integer_datetimes", "is_superuser", "server_encoding", "server_version",
    "server_version_num", "session_authorization",
  ]
  private static let maximumCount = 200
  private static let maximumBytes = 1_024

  private var values: [String: String] = [:]
  /// What RESET goes back to: the values after start-up.
  private var defaults: [String: String] = [:]
  /// After this many milliseconds a call is cancelled; 0 means never.
  private(set) var statementTimeout: Int64 = 0

  init(user: String, serverVersion: String) {
    for (name, value) in Self.known { values[name.lowercased()] = value }
    values["server_version"] = serverVersion
    values["session_authorization"] = user
    values["transaction_isolation"] = "read committed"
    values["default_transaction_isolation"] = "read committed"
    values["statement_timeout"] = "0"
    values["extra_float_digits"] = "1"
    values["search_path"] = "public"
    defaults = values
  }

  /// Ends start-up: what is set now is what RESET goes back to.
  mutating func becomeDefaults() {
    defaults = values
  }

  /// All settings whose values a client is told after start-up.
  var reported: [Reported] {
    Self.known.map { Reported(name: $0.name, value: values[$0.name.lowercased()] ?? $0.value) }
  }

  subscript(name: String) -> String? { values[name] }

  /// The spelling in which SHOW heads its column.
  static func displayName(_ name: String) -> String {
    reportedNames[name] ?? name
  }

  var all: [(name: String, value: String)] {
    values.map { (Self.displayName($0.key), $0.value) }.sorted { $0.name < $1.name }
  }

  /// - Parameters:
  ///   - name: in lower case.
  ///   - value: nil stands for the default.
  /// - Returns: what the client must be told of.
  /// - Throws: 0A000 for what can't be otherwise here (the encoding, the meaning of backslashes), 55P02 for what
  ///   can't be set at all, 22023 for a value that the setting can't take, 53400 where there are too many.
  mutating func set(_ name: String, to value: String?) throws(WireError) -> Reported? {
    guard !Self.fixed.contains(name) else {
      throw WireError(SQLState(rawValue: "55P02"), "parameter \"\(name)\" cannot be changed")
    }
    guard let given = value ?? defaults[name] else {
      values[name] = nil
      return nil
    }
    guard given.utf8.count <= Self.maximumBytes, name.utf8.count <= Self.maximumBytes else {
      throw WireError(
        .configurationLimitExceeded, "a setting's value may have at most \(Self.maximumBytes) bytes")
    }
    guard values[name] != nil || values.count < Self.maximumCount else {
      throw WireError(
        .configurationLimitExceeded, "a session may have at most \(Self.maximumCount) settings")
    }
    let accepted = try checked(name, given)
    values[name] = accepted
    return Self.reportedNames[name].map { Reported(name: $0, value: accepted) }
  }

  /// Goes back to what was set after start-up.
  mutating func resetAll() -> [Reported] {
    let before = values
    values = defaults
    statementTimeout = Self.milliseconds(values["statement_timeout"] ?? "0") ?? 0
    return reported.filter { before[$0.name.lowercased()] != $0.value }
  }

  private mutating func checked(_ name: String, _ value: String) throws(WireError) -> String {
    switch name {
    case "client_encoding":
      let encoding = String(value.lowercased().filter { $0.isLetter || $0.isNumber })
      guard encoding == "utf8" || encoding == "unicode" else {
        throw WireError(
          .featureNotSupported, "client_encoding must be UTF8 here, but \"\(value.shortened)\" was asked for",
          hint: "Set PGCLIENTENCODING or client_encoding to UTF8.")
      }
      return "UTF8"
    case "standard_conforming_strings":
      guard BooleanText.parse(value) == true else {
        throw WireError(
          .featureNotSupported, "standard_conforming_strings must be on here",
          hint: "Write backslash escapes as E'…'.")
      }
      return "on"
    case "statement_timeout":
      guard let timeout = Self.milliseconds(value) else {
        throw WireError(
          .invalidParameterValue,
          "invalid value for parameter \"statement_timeout\": \"\(value.shortened)\"; expected a number of "
            + "milliseconds, or a number with ms, s, min, h or d")
      }
      statementTimeout = timeout
      return timeout == 0 ? "0" : "\(timeout)ms"
    case "datestyle":
      return value.lowercased() == "iso" ? "ISO, MDY" : value
    default: return value
    }
  }

  /// Reads `500`, `500ms`, `2s`, `1.5 min`.
  private static func milliseconds(_ text: String) -> Int64? {
    let word = text.filter { !$0.isWhitespace }
    let digits = word.prefix { $0.isNumber || $0 == "." }
    let units: [String: Double] = ["": 1, "ms": 1, "s": 1e3, "min": 6e4, "h": 36e5, "d": 864e5]
    guard let unit = units[String(word.dropFirst(digits.count))], let number = Double(digits),
      number * unit <= Double(Int32.max)
    else { return nil }
    return Int64(number * unit)
  }
}
