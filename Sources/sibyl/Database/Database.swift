import CSQLite
import CSQLiteExtension
import Diagnostics
import SQLiteExtension

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A connection to the user's database, with Sibyl's functions on it.
final class Database {
  enum Location {
    /// An existing file.
    case file(String)
    /// A file that is made where there is none.
    case newFile(String)
    /// A database for this run only, in a temporary file once it outgrows SQLite's page cache.
    case temporary
  }

  let connection: OpaquePointer
  let session: ConnectionSession

  /// How long a statement waits for another process's lock.
  private static let busyMilliseconds: Int32 = 5_000

  init(_ location: Location) throws(SibylError) {
    let path: String
    var flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_EXRESCODE
    switch location {
    case .file(let file):
      path = file
      if file == ":memory:" { break }
      var status = stat()
      guard stat(file, &status) == 0 else {
        throw SibylError(
          .invalidArgument,
          "There is no database at \(file): \(String(cString: strerror(errno))). "
            + "Check the path, or make a new database with --create.")
      }
      guard status.st_mode & S_IFMT != S_IFDIR else {
        throw SibylError(.invalidArgument, "\(file) is a folder; a SQLite database is a file.")
      }
    case .newFile(let file):
      path = file
      flags |= SQLITE_OPEN_CREATE
    case .temporary:
      path = ""
      flags |= SQLITE_OPEN_CREATE
    }

    // The functions are registered as the connection opens. They are not wanted on connections that Sibyl
    // opens for itself, such as the cache's.
    let entry = unsafeBitCast(Self.register, to: (@convention(c) () -> Void).self)
    sqlite3_auto_extension(entry)
    defer { sqlite3_cancel_auto_extension(entry) }
    var connection: OpaquePointer?
    let status = sqlite3_open_v2(path, &connection, flags, nil)
    guard status == SQLITE_OK, let connection else {
      let reason =
        connection.map { String(cString: sqlite3_errmsg($0)) } ?? String(cString: sqlite3_errstr(status))
      sqlite3_close_v2(connection)
      throw SibylError(.unavailable, "The database \(path) can't be opened: \(reason).")
    }
    guard let session = ConnectionSession.existingSession(of: connection) else {
      sqlite3_close_v2(connection)
      throw SibylError(.internalFault, "The functions are not registered on the connection.")
    }
    sqlite3_busy_timeout(connection, Self.busyMilliseconds)
    self.connection = connection
    self.session = session
  }

  deinit { sqlite3_close_v2(connection) }

  /// What SQLite calls for each connection that it opens. Its answer is 0 or a failure here, unlike that of an
  /// extension that is loaded from a file.
  private static let register:
    @convention(c) (
      OpaquePointer?, UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?, UnsafeRawPointer?
    ) -> Int32 = { connection, message, api in
      let status = sqlite3_sibyl_init(connection, message, api)
      return status == okLoadPermanently ? SQLITE_OK : status
    }

  /// SQLITE_OK_LOAD_PERMANENTLY, a macro that Swift does not import.
  private static let okLoadPermanently: Int32 = SQLITE_OK | (1 << 8)
}
