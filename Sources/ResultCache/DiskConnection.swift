import CSQLite
import Threads

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// One SQLite connection to the cache's file, through the host's SQLite.
///
/// Rule: used by one thread at a time; the owner holds a lock around every call (the connection is opened
/// with SQLITE_OPEN_NOMUTEX). Never used or closed in a process other than the one that opened it.
final class DiskConnection {
  /// Marks the file as ours: "Siby" in ASCII (https://www.sqlite.org/pragma.html#pragma_application_id).
  static let applicationID: Int64 = 0x5369_6279
  static let schemaVersion: Int64 = 1
  static let pageBytes = 4096

  /// Exactly what `sqlite_schema` must hold, so that a file with triggers or other surprises is not used.
  private static let schema = [
    "CREATE TABLE results(key INTEGER PRIMARY KEY, stamp INTEGER NOT NULL, entry BLOB NOT NULL)",
    "CREATE TABLE totals(id INTEGER PRIMARY KEY, entries INTEGER NOT NULL, bytes INTEGER NOT NULL)",
  ]

  private let handle: OpaquePointer
  private let file: CacheFile
  private let identity: CacheFile.Identity
  private let processID: pid_t
  private var prepared: [String: OpaquePointer] = [:]
  private var isOpen = true

  /// Opens the file, creates it where it is missing, and makes sure that it is a cache of ours.
  ///
  /// - Parameters:
  ///   - busyMilliseconds: how long one statement waits for another process's lock.
  ///   - cacheKibibytes: memory for pages.
  ///   - pageLimit: the file's size limit in pages; SQLite refuses to go beyond.
  init(path: String, busyMilliseconds: Int32, cacheKibibytes: Int = 8192, pageLimit: Int) throws(CacheProblem)
  {
    guard csqlite_is_initialized() != 0 else {
      throw CacheProblem(.unsupported, "The result cache has no SQLite to work with in this process.")
    }
    guard csqlite_threadsafe() != 0 else {
      throw CacheProblem(
        .unsupported,
        "The host's SQLite was built without thread support, so results are kept in memory only.")
    }
    file = CacheFile(path: path)
    try file.create()
    guard let identity = try file.identity() else {
      throw CacheProblem(.unusable, "The result cache \(path) was removed while it was being opened.")
    }
    self.identity = identity
    processID = getpid()
    var opened: OpaquePointer?
    // Own pages (no shared cache), no mutex (the owner's lock), extended error codes.
    let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE
    let code = csqlite_open_v2(path, &opened, flags, nil)
    guard let opened else { throw CacheProblem(.unusable, "SQLite has no memory for the result cache.") }
    handle = opened
    guard code == SQLITE_OK else {
      let problem = Self.problem(code, path: path, message: Self.message(of: opened))
      _ = csqlite_close_v2(opened)
      throw problem
    }
    do {
      try prepareFile(
        busyMilliseconds: busyMilliseconds, cacheKibibytes: cacheKibibytes, pageLimit: pageLimit)
    } catch {
      close()
      throw error.kind == .damaged ? Self.unreadable(file) : error
    }
  }

  deinit { close() }

  func close() {
    guard isOpen else { return }
    isOpen = false
    // After fork, the locks and the shared memory behind this connection are the parent's.
    guard getpid() == processID else { return }
    for statement in prepared.values { _ = csqlite_finalize(statement) }
    prepared = [:]
    _ = csqlite_close_v2(handle)
  }

  /// Whether the connection may be used: same process, and the path still names the opened file.
  var isCurrent: Bool { isOpen && getpid() == processID && file.isStill(identity) }

  // MARK: Opening

  private func prepareFile(busyMilliseconds: Int32, cacheKibibytes: Int = 8192, pageLimit: Int)
    throws(CacheProblem)
  {
    _ = csqlite_busy_timeout(handle, busyMilliseconds)
    // The file may come from anyone: no code in its schema may run.
    for (option, on) in [
      (SQLITE_DBCONFIG_ENABLE_TRIGGER, Int32(0)), (SQLITE_DBCONFIG_ENABLE_VIEW, 0),
      (SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0), (SQLITE_DBCONFIG_DEFENSIVE, 1),
    ] { _ = csqlite_db_config_flag(handle, option, on) }
    try createSchemaWhereMissing(waiting: busyMilliseconds)
    try verify()
    try execute("PRAGMA synchronous=NORMAL")
    try execute("PRAGMA temp_store=MEMORY")
    try execute("PRAGMA cell_size_check=ON")
    try execute("PRAGMA cache_size=-\(cacheKibibytes)")
    // Checkpoints of some 16 MiB; the log is cut back to that size after a larger transaction.
    try execute("PRAGMA wal_autocheckpoint=4000")
    try execute("PRAGMA journal_size_limit=16777216")
    try execute("PRAGMA max_page_count=\(max(pageLimit, 8))")
  }

  /// Creates the tables of a new file, where no other connection does.
  ///
  /// The switch to WAL asks for the exclusive lock while it holds the shared one, and there SQLite answers BUSY
  /// at once instead of waiting (two connections that did so would wait for each other). So two processes that
  /// meet a new file at the same moment wait for each other here.
  private func createSchemaWhereMissing(waiting milliseconds: Int32) throws(CacheProblem) {
    let deadline = MonotonicClock.nanoseconds &+ UInt64(max(milliseconds, 0)) &* 1_000_000
    while true {
      do throws(CacheProblem) {
        if try isEmpty() { try createSchema() }
        return
      } catch {
        guard error.kind == .locked, MonotonicClock.nanoseconds < deadline else { throw error }
        MonotonicClock.sleep(milliseconds: 2)
      }
    }
  }

  /// No schema and no marks: a file that was just created, by us or by anyone.
  private func isEmpty() throws(CacheProblem) -> Bool {
    guard try integer("SELECT count(*) FROM sqlite_schema") == 0 else { return false }
    guard try integer("PRAGMA application_id") == 0 else { return false }
    return try integer("PRAGMA user_version") == 0
  }

  private func createSchema() throws(CacheProblem) {
    try execute("PRAGMA page_size=\(Self.pageBytes)")
    try execute("PRAGMA journal_mode=WAL")
    try begin()
    do {
      // Another process may have been quicker.
      if try isEmpty() {
        for statement in Self.schema { try execute(statement) }
        try execute("INSERT INTO totals VALUES(1, 0, 0)")
        try execute("PRAGMA user_version=\(Self.schemaVersion)")
        try execute("PRAGMA application_id=\(Self.applicationID)")
      }
      try commit()
    } catch {
      rollBack()
      throw error
    }
  }

  private func verify() throws(CacheProblem) {
    let path = file.path
    guard try integer("PRAGMA application_id") == Self.applicationID else {
      throw CacheProblem(
        .foreign,
        "\(path) is an SQLite file of another program, not a result cache; set SIBYL_CACHE to another path.")
    }
    let version = try integer("PRAGMA user_version")
    guard version <= Self.schemaVersion else {
      throw CacheProblem(
        .newer,
        "The result cache \(path) was written by a newer Sibyl (format \(version), here \(Self.schemaVersion)); "
          + "update this one or set SIBYL_CACHE to another path.")
    }
    var found: [String] = []
    try query("SELECT sql FROM sqlite_schema ORDER BY name") { statement in
      found.append(csqlite_column_text(statement, 0).map { String(cString: $0) } ?? "")
      return found.count <= Self.schema.count
    }
    guard found == Self.schema else { throw Self.damaged(path) }
  }

  // MARK: Statements

  /// The prepared statement for this text, made at its first use.
  func statement(_ sql: String) throws(CacheProblem) -> OpaquePointer {
    if let statement = prepared[sql] { return statement }
    guard isOpen else { throw Self.problem(SQLITE_MISUSE, path: file.path, message: "closed") }
    var statement: OpaquePointer?
    let code = csqlite_prepare_v3(handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &statement, nil)
    guard code == SQLITE_OK, let statement else { throw problem(code) }
    prepared[sql] = statement
    return statement
  }

  /// Runs a statement to its end, ignoring rows.
  func run(_ statement: OpaquePointer) throws(CacheProblem) {
    var code = csqlite_step(statement)
    while code == SQLITE_ROW { code = csqlite_step(statement) }
    let failure = code == SQLITE_DONE ? nil : problem(code)
    _ = csqlite_reset(statement)
    if let failure { throw failure }
  }

  /// Steps to the first row; the caller resets the statement. False where there is none.
  @inline(__always)
  func step(_ statement: OpaquePointer) throws(CacheProblem) -> Bool {
    let code = csqlite_step(statement)
    if code == SQLITE_ROW { return true }
    if code == SQLITE_DONE { return false }
    let failure = problem(code)
    _ = csqlite_reset(statement)
    throw failure
  }

  func execute(_ sql: String) throws(CacheProblem) {
    let code = csqlite_exec(handle, sql)
    guard code == SQLITE_OK else { throw problem(code) }
  }

  func integer(_ sql: String) throws(CacheProblem) -> Int64 {
    var value: Int64 = 0
    try query(sql) { statement in
      value = csqlite_column_int64(statement, 0)
      return false
    }
    return value
  }

  /// Runs a statement that is not worth keeping; `row` returns whether to go on.
  func query(_ sql: String, row: (OpaquePointer) -> Bool) throws(CacheProblem) {
    var statement: OpaquePointer?
    let code = csqlite_prepare_v3(handle, sql, -1, 0, &statement, nil)
    guard code == SQLITE_OK, let statement else { throw problem(code) }
    defer { _ = csqlite_finalize(statement) }
    while true {
      let code = csqlite_step(statement)
      if code == SQLITE_DONE { return }
      guard code == SQLITE_ROW else { throw problem(code) }
      if !row(statement) { return }
    }
  }

  /// Opens a write transaction, waiting for other processes as long as the connection may.
  func begin() throws(CacheProblem) { try run(statement("BEGIN IMMEDIATE")) }

  func commit() throws(CacheProblem) { try run(statement("COMMIT")) }

  /// Gives a transaction up. SQLite may have done so by itself already; then this does nothing.
  func rollBack() { _ = csqlite_exec(handle, "ROLLBACK") }

  /// Rows that the last statement changed.
  var changes: Int64 { csqlite_changes64(handle) }

  // MARK: Problems

  func problem(_ code: Int32) -> CacheProblem {
    Self.problem(code, path: file.path, message: Self.message(of: handle))
  }

  private static func message(of handle: OpaquePointer) -> String {
    csqlite_errmsg(handle).map { String(cString: $0) } ?? "unknown error"
  }

  static func damaged(_ path: String) -> CacheProblem {
    CacheProblem(
      .damaged,
      "The result cache \(path) is damaged and is not used; 'sibyl cache clear' makes a new one.")
  }

  /// A file that SQLite can't read: a cache of ours that was damaged, or no cache at all, which
  /// 'sibyl cache clear' must not touch.
  static func unreadable(_ file: CacheFile) -> CacheProblem {
    if file.isOurs(applicationID: applicationID) { return damaged(file.path) }
    return CacheProblem(
      .foreign,
      "\(file.path) is not a result cache and is not used; set SIBYL_CACHE to another path, or to 'off'.")
  }

  static func problem(_ code: Int32, path: String, message: String) -> CacheProblem {
    switch code & 0xff {
    case SQLITE_BUSY, SQLITE_LOCKED:
      return CacheProblem(
        .locked, "The result cache \(path) is locked by another process; going on without it for a while.")
    case SQLITE_FULL:
      return CacheProblem(
        .full, "The result cache \(path) cannot grow (\(message)); new results are kept in memory only.")
    case SQLITE_CORRUPT, SQLITE_NOTADB, SQLITE_FORMAT:
      return damaged(path)
    // "no such table", or a schema that SQLite can't parse: not what we wrote.
    case SQLITE_ERROR, SQLITE_SCHEMA, SQLITE_MISMATCH, SQLITE_CONSTRAINT:
      return damaged(path)
    default:
      return CacheProblem(
        .unusable,
        "The result cache \(path) cannot be used (\(message)); results are kept in memory only. "
          + "Check the folder, or set SIBYL_CACHE to another path.")
    }
  }

  // MARK: Emptying

  /// Removes every entry and gives the space back to the system. Other processes may go on using the file.
  func removeEntries() throws(CacheProblem) {
    try begin()
    do {
      try execute("DELETE FROM results")
      try execute("UPDATE totals SET entries=0, bytes=0")
      try commit()
    } catch {
      rollBack()
      throw error
    }
    try execute("VACUUM")
    _ = csqlite_wal_checkpoint_v2(handle, nil, SQLITE_CHECKPOINT_TRUNCATE)
  }

  /// Makes a damaged cache a new, empty one in place, under SQLite's own locks: removing the file instead would
  /// leave other processes with one that no longer has a name.
  static func rebuild(path: String) throws(CacheProblem) {
    guard CacheFile(path: path).isOurs(applicationID: applicationID) else {
      throw CacheProblem(
        .foreign,
        "\(path) does not look like a result cache, so it was not touched; if it may go, remove it by hand.")
    }
    var opened: OpaquePointer?
    let code = csqlite_open_v2(path, &opened, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nil)
    guard let opened else { throw CacheProblem(.unusable, "SQLite has no memory for the result cache.") }
    defer { _ = csqlite_close_v2(opened) }
    _ = csqlite_busy_timeout(opened, 5000)
    // https://www.sqlite.org/c3ref/c_dbconfig_defensive.html#sqlitedbconfigresetdatabase
    _ = csqlite_db_config_flag(opened, SQLITE_DBCONFIG_RESET_DATABASE, 1)
    let vacuum = code == SQLITE_OK ? csqlite_exec(opened, "VACUUM") : code
    let failure = vacuum == SQLITE_OK ? nil : problem(vacuum, path: path, message: message(of: opened))
    _ = csqlite_db_config_flag(opened, SQLITE_DBCONFIG_RESET_DATABASE, 0)
    if let failure { throw failure }
  }
}
