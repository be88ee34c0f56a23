import CPostgres
import Diagnostics

extension PostgresConnection {
  /// Runs a closure inside a transaction: committed when it returns, rolled back when it throws.
  /// - Throws: what the closure throws, or what COMMIT says; after a lost connection nobody knows whether
  ///   COMMIT was done.
  @discardableResult public func transaction<Answer>(
    _ body: () throws(PostgresError) -> Answer
  ) throws(PostgresError) -> Answer {
    try query("BEGIN")
    let answer: Answer
    do throws(PostgresError) {
      answer = try body()
    } catch {
      // The connection may be gone, and then so is the transaction.
      _ = try? query("ROLLBACK")
      throw error
    }
    // COMMIT after an error that the closure kept to itself is a ROLLBACK, and says so in its tag only.
    guard try query("COMMIT").commandTag == "COMMIT" else {
      throw PostgresError(
        sqlState: "25P02", message: "the transaction was rolled back, since a statement in it had failed")
    }
    return answer
  }

  /// Runs a closure inside a savepoint of the current transaction: what it did is undone when it throws, and
  /// the transaction goes on.
  @discardableResult public func savepoint<Answer>(
    _ body: () throws(PostgresError) -> Answer
  ) throws(PostgresError) -> Answer {
    try query("SAVEPOINT sibyl")
    do throws(PostgresError) {
      let answer = try body()
      try query("RELEASE SAVEPOINT sibyl")
      return answer
    } catch {
      if !isLost {
        try query("ROLLBACK TO SAVEPOINT sibyl")
        try query("RELEASE SAVEPOINT sibyl")
      }
      throw error
    }
  }

  /// Whether a transaction is open: also one that can only be rolled back.
  public var isInTransaction: Bool {
    switch PQtransactionStatus(pointer) {
    case PQTRANS_INTRANS, PQTRANS_INERROR, PQTRANS_ACTIVE: true
    default: false
    }
  }
}
