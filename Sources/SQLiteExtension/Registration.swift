import CSQLite
import Diagnostics
import Functions

/// Registers every function of the catalogue on a connection: what the entry point (`sqlite3_sibyl_init`, in
/// CSQLiteExtension) calls each time the extension is loaded.
///
/// - Returns: `SQLITE_OK_LOAD_PERMANENTLY`: models, threads and the cache live as long as the process, not
///   as long as a connection.
@_cdecl("sibyl_register")
func register(
  _ connection: OpaquePointer?, _ message: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> Int32 {
  guard let connection else { return SQLITE_MISUSE }
  let session = ConnectionSession.session(of: connection)
  var status = SQLITE_OK
  for function in Catalogue.functions where status == SQLITE_OK {
    status = ScalarFunction.register(function, on: session)
  }
  for aggregate in Catalogue.aggregates where status == SQLITE_OK {
    status = AggregateFunction.register(aggregate, on: session)
  }
  for table in Catalogue.tables where status == SQLITE_OK {
    status = TableFunction.register(table, on: session)
  }
  guard status == SQLITE_OK else {
    if let message {
      let reason = csqlite_errmsg(connection).map { String(cString: $0) } ?? "error \(status)"
      message.pointee = csqlite_copy_string("sibyl: SQLite does not take the functions: \(reason)")
    }
    return status
  }
  return SQLITE_OK | (1 << 8)  // SQLITE_OK_LOAD_PERMANENTLY
}
