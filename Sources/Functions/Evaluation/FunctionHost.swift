import Diagnostics

/// What only the database session around a call can do. Each face of Sibyl brings its own.
public protocol FunctionHost {
  /// Runs a statement in collecting mode, computes what it asks for as large batches, and returns a JSON
  /// object of counts: what `ai_prefetch` answers.
  func prefetch(_ sql: String) throws(SibylError) -> String

  /// The rows of a table whose column is nearest to a query, the best first: what `ai_search` answers.
  func search(_ request: SearchRequest) throws(SibylError) -> [SearchMatch]

  /// Asked every few milliseconds while a call is computed: whether its caller still wants the answer. Nil
  /// where the host has no way to know, and then nothing is asked.
  var isCancelled: (@Sendable () -> Bool)? { get }
}

extension FunctionHost {
  public var isCancelled: (@Sendable () -> Bool)? { nil }

  public func search(_ request: SearchRequest) throws(SibylError) -> [SearchMatch] {
    throw SibylError(.unavailable, "this function works inside a SQLite session only")
  }
}

/// The host of calls that come from no database session.
public struct NoHost: FunctionHost, Sendable {
  public init() {}

  public func prefetch(_ sql: String) throws(SibylError) -> String {
    throw SibylError(.unavailable, "this function works inside a database session only")
  }
}
