import CPostgres
import Diagnostics

/// Where a database is and how to get in: `postgresql://user@host:port/database`, or `host=… dbname=…`.
///
/// What it prints is without the password, so that it may stand in messages and logs.
public struct PostgresDSN: Sendable, CustomStringConvertible {
  /// As it was given, password and all: for libpq only.
  let text: String
  public let host: String?
  public let port: String?
  public let user: String?
  public let database: String?
  private let service: String?

  /// Reads a connection string; the empty one leaves everything to the environment (`PGHOST`, …).
  ///
  /// The forms are those of the PostgreSQL documentation, section 34.1.1, "Connection Strings".
  /// - Throws: `invalidArgument` where libpq can't read it. What libpq says about that may hold a part of the
  ///   password, so it is told only where the text can't have one.
  public init(_ text: String) throws(PostgresError) {
    let expected =
      "expected postgresql://user@host:port/database, or keyword=value pairs such as host=… dbname=…"
    guard !text.utf8.contains(0) else {
      throw PostgresError(SibylError(.invalidArgument, "the DSN holds a NUL character; \(expected)"))
    }
    var message: UnsafeMutablePointer<CChar>?
    guard let options = PQconninfoParse(text, &message) else {
      var reason = ""
      if let message {
        if Self.hasNoSecret(text) { reason = " (\(libpqSentence(message)))" }
        PQfreemem(message)
      }
      throw PostgresError(SibylError(.invalidArgument, "the DSN can't be read\(reason); \(expected)"))
    }
    defer { PQconninfoFree(options) }
    var values: [String: String] = [:]
    var option = options
    while let keyword = option.pointee.keyword {
      if let value = option.pointee.val, value[0] != 0 {
        values[String(cString: keyword)] = String(cString: value)
      }
      option += 1
    }
    self.text = text
    host = values["host"] ?? values["hostaddr"]
    port = values["port"]
    user = values["user"]
    database = values["dbname"]
    service = values["service"]
  }

  public var description: String {
    if let service { return "service=\(service)" }
    guard host != nil || port != nil || user != nil || database != nil else {
      return "the database that the environment names (PGHOST, PGDATABASE, …)"
    }
    // A folder of sockets has no place in the middle of a URI, except with its slashes written as %2F.
    let place = host?.split(separator: "/", omittingEmptySubsequences: false).joined(separator: "%2F") ?? ""
    return "postgresql://\(user.map { $0 + "@" } ?? "")\(place)\(port.map { ":" + $0 } ?? "")"
      + "/\(database ?? "")"
  }

  private static func hasNoSecret(_ text: String) -> Bool {
    let lowered = text.lowercased()
    return !lowered.contains("pass") && !lowered.contains("@") && !lowered.contains("key")
  }
}

/// What libpq says, as one line without the line break at its end.
func libpqSentence(_ message: UnsafePointer<CChar>?) -> String {
  guard let message else { return "" }
  return String(cString: message).split(whereSeparator: \.isWhitespace).joined(separator: " ")
}
