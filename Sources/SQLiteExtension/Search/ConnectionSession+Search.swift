import Diagnostics
import Functions

extension ConnectionSession {
  /// What `ai_search` answers, on the data that a SELECT on this connection would see now.
  package func search(_ request: SearchRequest) throws(SibylError) -> [SearchMatch] {
    // Nothing is collected meanwhile: a generated column may call a function whose answer is not there yet, and what
    // it stands for must not be taken for the table's data.
    let suspended = pass
    pass = nil
    defer { pass = suspended }
    return try searchedColumns.search(request, host: InterruptibleHost(session: self))
  }
}

/// A session whose calls end when the user interrupts the connection.
private struct InterruptibleHost: FunctionHost {
  let session: ConnectionSession

  // Asked on the thread of the connection, which waits for the call.
  var isCancelled: (() -> Bool)? { { session.isInterrupted } }
}
