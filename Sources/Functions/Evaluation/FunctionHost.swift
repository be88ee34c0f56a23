import Diagnostics

/// What only the database session around a call can do. Each face of Sibyl brings its own.
public protocol FunctionHost {
  /// Runs a statement in collecting mode, computes what it asks for as large batches, and returns a JSON
  /// object of counts: what `ai_prefetch` answers.
  func prefetch(_ sql: String, budget: WorkBudget) throws(SibylError) -> String

  /// Finds out what a statement's AI calls would cost, and returns it as a JSON object: what `ai_explain` answers.
  ///
  /// - Parameter isExact: whether the tokens of all calls are counted instead of those of a sample.
  func explain(_ sql: String, isExact: Bool) throws(SibylError) -> String

  /// The rows of a table whose column is nearest to a query, the best first: what `ai_search` answers.
  func search(_ request: SearchRequest) throws(SibylError) -> [SearchMatch]

  /// Reads the rows of a query, whose AI calls are answered one by one where they are not in the cache.
  ///
  /// - Parameters:
  ///   - columns: how many the query may have.
  ///   - body: gets the values of each row; what it throws ends the reading.
  /// - Throws: `invalidArgument` where the statement is no query, or has another number of columns.
  func readRows(
    of sql: String, columns: ClosedRange<Int>, _ body: ([Value]) throws(SibylError) -> Void
  ) throws(SibylError)

  /// The classifiers of the session's database; nil where the host has none.
  var classifiers: (any ClassifierStore)? { get }

  /// Whether the call may ask models on servers.
  var permitsServers: Bool { get }

  /// Asked every few milliseconds while a call is computed, on the thread that made the call: whether its caller no
  /// longer wants the answer. Nil where the host has no way to know, and then nothing is asked.
  var isCancelled: (() -> Bool)? { get }
}

extension FunctionHost {
  public func prefetch(_ sql: String, budget: WorkBudget) throws(SibylError) -> String {
    throw SibylError(.unavailable, "this function works inside a database session only")
  }

  public func explain(_ sql: String, isExact: Bool) throws(SibylError) -> String {
    throw SibylError(.unavailable, "this function works inside a database session only")
  }

  public func search(_ request: SearchRequest) throws(SibylError) -> [SearchMatch] {
    throw SibylError(.unavailable, "this function works inside a SQLite session only")
  }

  public func readRows(
    of sql: String, columns: ClosedRange<Int>, _ body: ([Value]) throws(SibylError) -> Void
  ) throws(SibylError) {
    throw SibylError(.unavailable, "this function works inside a SQLite session only")
  }

  /// - Throws: where a query that `readRows` was given has another number of columns than it may have.
  public func require(_ columns: ClosedRange<Int>, of count: Int) throws(SibylError) {
    guard columns.contains(count) else {
      throw SibylError(
        .invalidArgument,
        "argument 1 (sql) must be a SELECT of \(columns.lowerBound) to \(columns.upperBound) columns; it has \(count)"
      )
    }
  }

  public var classifiers: (any ClassifierStore)? { nil }

  public var permitsServers: Bool { true }

  public var isCancelled: (() -> Bool)? { nil }
}

/// The host of calls that come from no database session.
public struct NoHost: FunctionHost, Sendable {
  public init() {}
}
