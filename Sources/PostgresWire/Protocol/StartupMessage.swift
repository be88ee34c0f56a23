/// What a client says of itself and wants when it connects.
package struct StartupMessage: Hashable, Sendable {
  package var minorVersion: UInt16
  package var user = ""
  package var database = ""
  /// Settings in the order they came, `options` taken apart; names in lower case.
  package var settings: [(name: String, value: String)] = []
  /// Options of the protocol (`_pq_.…`), none of which this server knows.
  package var protocolOptions: [String] = []

  init(minorVersion: UInt16, _ reader: inout MessageReader) throws(WireError) {
    self.minorVersion = minorVersion
    while true {
      guard reader.remaining > 0 else {
        throw WireError(
          .protocolViolation, "invalid startup packet layout: expected terminator as last byte",
          severity: .fatal)
      }
      let name = try reader.readString()
      if name.isEmpty { break }
      let value = try reader.readString()
      if name.hasPrefix("_pq_.") {
        protocolOptions.append(name)
        continue
      }
      switch name {
      case "user": user = value
      case "database": database = value
      case "options": settings += Self.settings(inOptions: value)
      case "replication":
        guard BooleanText.parse(value) == false else {
          throw WireError(.featureNotSupported, "replication is not supported", severity: .fatal)
        }
      default: settings.append((name.lowercased(), value))
      }
    }
    try reader.finish()
    guard !user.isEmpty else {
      throw WireError(
        .invalidAuthorization, "no PostgreSQL user name specified in startup packet", severity: .fatal)
    }
    if database.isEmpty { database = user }
  }

  /// Takes `-c name=value` and `--name=value` out of a server's command line, which is what `PGOPTIONS`
  /// holds. Backslashes protect blanks. Other switches are ignored.
  static func settings(inOptions options: String) -> [(name: String, value: String)] {
    var words: [String] = [""]
    var isEscaped = false
    for scalar in options.unicodeScalars {
      if !isEscaped, scalar == "\\" {
        isEscaped = true
      } else if !isEscaped, scalar == " " {
        words.append("")
      } else {
        words[words.count - 1].unicodeScalars.append(scalar)
        isEscaped = false
      }
    }
    var settings: [(name: String, value: String)] = []
    var expectsSetting = false
    for word in words where !word.isEmpty {
      var setting: Substring?
      if expectsSetting {
        setting = word[...]
      } else if word == "-c" {
        expectsSetting = true
        continue
      } else if word.hasPrefix("--") || word.hasPrefix("-c") {
        setting = word.dropFirst(2)
      }
      expectsSetting = false
      guard let setting, let sign = setting.firstIndex(of: "=") else { continue }
      let name = setting[..<sign].lowercased()
      settings.append(
        (String(name.map { $0 == "-" ? "_" : $0 }), String(setting[setting.index(after: sign)...])))
    }
    return settings
  }

  package static func == (a: StartupMessage, b: StartupMessage) -> Bool {
    a.minorVersion == b.minorVersion && a.user == b.user && a.database == b.database
      && a.protocolOptions == b.protocolOptions
      && a.settings.elementsEqual(b.settings) { $0.name == $1.name && $0.value == $1.value }
  }

  package func hash(into hasher: inout Hasher) {
    hasher.combine(user)
    hasher.combine(database)
  }
}
