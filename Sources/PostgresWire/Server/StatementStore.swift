/// A session's prepared statements and portals, bounded in number and size.
struct StatementStore {
  private static let maximumCount = 1_000
  private static let maximumSuspended = 16

  private let maximumBytes: Int
  private var statements: [String: (value: PreparedStatement, bytes: Int)] = [:]
  private var portals: [String: (value: Portal, bytes: Int)] = [:]
  private var bytes = 0

  init(maximumBytes: Int) {
    self.maximumBytes = maximumBytes
  }

  // MARK: Prepared statements

  /// - Parameter size: bytes of the message that made it, which bounds what it holds.
  /// - Throws: 42P05 where a named one exists already; 53400 where there are too many or too large ones.
  mutating func insert(_ statement: PreparedStatement, name: String, size: Int) throws(WireError) {
    if name.isEmpty {
      closeStatement("")
    } else if statements[name] != nil {
      throw WireError(.duplicateStatement, "prepared statement \"\(name)\" already exists")
    }
    try reserve(size, count: statements.count)
    statements[name] = (statement, size)
  }

  func statement(_ name: String) throws(WireError) -> PreparedStatement {
    if let statement = statements[name] { return statement.value }
    throw WireError(
      .invalidStatementName,
      name.isEmpty
        ? "unnamed prepared statement does not exist" : "prepared statement \"\(name)\" does not exist")
  }

  func hasStatement(_ name: String) -> Bool { statements[name] != nil }

  mutating func closeStatement(_ name: String) {
    if let statement = statements.removeValue(forKey: name) { bytes -= statement.bytes }
  }

  mutating func closeAllStatements() {
    for name in Array(statements.keys) { closeStatement(name) }
  }

  // MARK: Portals

  mutating func insert(_ portal: Portal, name: String, size: Int) throws(WireError) {
    if name.isEmpty {
      closePortal("")
    } else if portals[name] != nil {
      throw WireError(.duplicatePortal, "cursor \"\(name)\" already exists")
    }
    try reserve(size, count: portals.count)
    portals[name] = (portal, size)
  }

  func portal(_ name: String) -> Portal? { portals[name]?.value }

  func existingPortal(_ name: String) throws(WireError) -> Portal {
    if let portal = portal(name) { return portal }
    throw WireError(.invalidPortalName, "portal \"\(name)\" does not exist")
  }

  /// Keeps the rows that a client did not ask for yet.
  mutating func suspend(_ name: String, rows: WireRows, nextRow: Int) throws(WireError) {
    let others = portals.count { $0.key != name && $0.value.value.isSuspended }
    guard others < Self.maximumSuspended else {
      throw WireError(
        .configurationLimitExceeded,
        "at most \(Self.maximumSuspended + 1) portals may be suspended at a time; close some")
    }
    portals[name]?.value.state = .suspended(rows)
    portals[name]?.value.nextRow = nextRow
  }

  mutating func complete(_ name: String) {
    portals[name]?.value.state = .done
  }

  mutating func closePortal(_ name: String) {
    if let portal = portals.removeValue(forKey: name) { bytes -= portal.bytes }
  }

  mutating func closeAllPortals() {
    for name in Array(portals.keys) { closePortal(name) }
  }

  // MARK: Both

  mutating func close(_ target: FrontendMessage.Target, _ name: String) {
    switch target {
    case .statement: closeStatement(name)
    case .portal: closePortal(name)
    }
  }

  /// A simple query ends what the extended protocol left without a name.
  mutating func closeUnnamed() {
    closeStatement("")
    closePortal("")
  }

  private mutating func reserve(_ size: Int, count: Int) throws(WireError) {
    guard count < Self.maximumCount, bytes + size <= max(maximumBytes * 2, size) else {
      throw WireError(
        .configurationLimitExceeded,
        "a session may keep at most \(Self.maximumCount) prepared statements and portals, and "
          + "\(maximumBytes * 2) bytes of them; close some")
    }
    bytes += size
  }
}
