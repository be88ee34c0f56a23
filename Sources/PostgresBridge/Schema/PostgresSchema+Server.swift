import PostgresClient

extension PostgresSchema {
  /// Makes the foreign server that dblink connects through, or brings its options up to date.
  func updateServer(_ address: BridgeAddress, _ changes: inout [String]) throws(PostgresError) {
    let rows = try connection.query(
      """
      SELECT w.fdwname, pg_get_userbyid(s.srvowner), current_user
      FROM pg_foreign_server AS s JOIN pg_foreign_data_wrapper AS w ON w.oid = s.srvfdw
      WHERE s.srvname = $1
      """, [.text(Self.serverName)])
    let wanted = address.serverOptions
    guard rows.count > 0 else {
      let options = wanted.map { "\(SQLQuoting.name($0.name)) \(SQLQuoting.literal($0.value))" }
      try connection.query(
        "CREATE SERVER \(Self.serverName) FOREIGN DATA WRAPPER dblink_fdw OPTIONS (\(options.joined(separator: ", ")))"
      )
      changes.append("Made the foreign server \(Self.serverName), which leads to \(address).")
      return
    }
    guard rows[0, 0] == "dblink_fdw", rows[0, 1] == rows[0, 2] else {
      throw PostgresError(
        sqlState: "42710",
        message:
          "a foreign server \"\(Self.serverName)\" is there already, and Sibyl did not make it: rename it with "
          + "ALTER SERVER \(Self.serverName) RENAME TO …")
    }
    let options = try connection.query(
      """
      SELECT o.option_name, o.option_value
      FROM pg_foreign_server AS s, pg_options_to_table(s.srvoptions) AS o WHERE s.srvname = $1
      """, [.text(Self.serverName)])
    let present = Dictionary(
      options.rows.map { ($0[0] ?? "", $0[1] ?? "") }, uniquingKeysWith: { first, _ in first })
    var alterations: [String] = []
    for (name, value) in wanted where present[name] != value {
      alterations.append(
        "\(present[name] == nil ? "ADD" : "SET") \(SQLQuoting.name(name)) \(SQLQuoting.literal(value))")
    }
    for name in present.keys.sorted() where !wanted.contains(where: { $0.name == name }) {
      alterations.append("DROP \(SQLQuoting.identifier(name))")
    }
    guard !alterations.isEmpty else { return }
    try connection.query("ALTER SERVER \(Self.serverName) OPTIONS (\(alterations.joined(separator: ", ")))")
    changes.append("The foreign server \(Self.serverName) now leads to \(address).")
  }

  /// Makes the user mapping that holds the password, or a new password for it.
  /// - Returns: the password.
  func updateMapping(rotatesPassword: Bool, _ changes: inout [String]) throws(PostgresError) -> String {
    let find = """
      SELECT (SELECT o.option_value FROM pg_options_to_table(m.umoptions) AS o WHERE o.option_name = 'password')
      FROM pg_user_mappings AS m WHERE m.srvname = '\(Self.serverName)' AND m.usename = current_user
      """
    let mapping = try connection.query(find)
    if let password = mapping.first, !rotatesPassword { return password }
    // Inside a DO block, so that no statement that a log could hold contains the password; 244 random bits.
    let verb =
      if mapping.count == 0 {
        "CREATE USER MAPPING FOR CURRENT_USER SERVER \(Self.serverName) OPTIONS (user \(SQLQuoting.literal(Self.bridgeUser)), password %L)"
      } else {
        "ALTER USER MAPPING FOR CURRENT_USER SERVER \(Self.serverName) OPTIONS (\(mapping.first == nil ? "ADD" : "SET") password %L)"
      }
    try connection.runScript(
      """
      DO $sibyl$ BEGIN
        EXECUTE format(\(SQLQuoting.literal(verb)),
          replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', ''));
      END $sibyl$
      """)
    changes.append(mapping.count == 0 ? "Made the bridge's password." : "Made a new password for the bridge.")
    guard let password = try value(find) else {
      throw PostgresError(
        sqlState: "42501",
        message:
          "the bridge's password can't be read back from pg_user_mappings: connect as the owner of the foreign "
          + "server \(Self.serverName)")
    }
    return password
  }
}
