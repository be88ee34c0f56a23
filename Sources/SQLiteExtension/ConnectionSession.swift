import CSQLite
import Diagnostics
import Functions
import Threads

/// What Sibyl keeps for one SQLite connection, shared by all functions registered on it.
///
/// Lives from the first registration until SQLite destroys the last function, which is when the connection
/// closes. SQLite serialises all calls of one connection, so a session is used by one thread at a time; only
/// the table of sessions is shared.
package final class ConnectionSession: @unchecked Sendable {
  package let connection: OpaquePointer
  /// Set while a statement is replayed in collecting mode: every function then asks it instead of computing.
  package var pass: CollectingPass?
  /// Set when a function has failed, until the next call: SQLite then ends the groups of the statement, and nobody
  /// will see their answers.
  var isUnwinding = false
  /// Which of the functions that this connection has may ask servers.
  private(set) lazy var serverPolicy = ServerPolicy()
  /// Whether the call under way may.
  package var permitsServers = false
  /// What ai_search keeps.
  let searchedColumns: SearchedColumns
  /// What ai_predict asks.
  let boundClassifier = BoundClassifier()
  let loadedClassifiers = LoadedClassifiers()
  /// What ai_feedback has stored, as far as it is known.
  let corrections = SessionCorrections()
  /// Set while a correction is looked for: what the table itself calls must not look again.
  var isLookingForCorrection = false
  /// Is told how far a training is; nil where nobody is to be told.
  package var trainingObserver: TrainingObserver?
  private var registrations = 0
  private var address: UInt { UInt(bitPattern: connection) }

  private static let sessions = Guarded<[UInt: ConnectionSession]>([:])

  private init(connection: OpaquePointer) {
    self.connection = connection
    searchedColumns = SearchedColumns(connection)
  }

  /// The session of a connection; a new one where there is none.
  package static func session(of connection: OpaquePointer) -> ConnectionSession {
    let candidate = ConnectionSession(connection: connection)
    return sessions.withLock { sessions in
      if let session = sessions[candidate.address] { return session }
      sessions[candidate.address] = candidate
      return candidate
    }
  }

  /// The session of a connection on which Sibyl is registered, or nil.
  package static func existingSession(of connection: OpaquePointer) -> ConnectionSession? {
    let address = UInt(bitPattern: connection)
    return sessions.withLock { $0[address] }
  }

  /// Whether the user has interrupted what runs on the connection: then it compiles no statement.
  var isInterrupted: Bool {
    do throws(SibylError) {
      _ = try SQLStatement("SELECT 1", on: connection)
      return false
    } catch {
      return error.kind == .cancelled
    }
  }

  /// Counts one more function that SQLite holds.
  func retainRegistration() { Self.sessions.withLock { _ in registrations += 1 } }

  /// Called by SQLite's destructors; the last one ends the session.
  func releaseRegistration() {
    Self.sessions.withLock { sessions in
      registrations -= 1
      if registrations == 0 { sessions[address] = nil }
    }
  }
}
