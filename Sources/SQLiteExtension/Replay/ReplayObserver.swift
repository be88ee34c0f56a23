import CSQLite
import Functions

/// Watches a replay: draws progress, keeps the rows that were read, stops it.
///
/// All calls come on the thread that runs the replay.
package protocol ReplayObserver: AnyObject {
  /// Asked often while rows are read and before each slice of calls is computed.
  var isCancelled: Bool { get }

  /// A pass over the query begins; rows of the pass before are not the answer.
  func passBegins()

  /// A row of a pass in which every AI call so far had its answer: if the whole pass goes on like that, its
  /// rows are the query's answer.
  func rowIsKnown(_ statement: OpaquePointer)

  /// Told often; cheap observers look at the clock first.
  func progress(_ progress: ReplayProgress)

  /// Who is to see every answer; kept alive by the observer.
  var witness: (any AnswerWitness)? { get }
}

extension ReplayObserver {
  package var witness: (any AnswerWitness)? { nil }
}

/// How far a replay is, counted in different AI calls.
package struct ReplayProgress: Hashable, Sendable {
  /// Answered from the cache.
  package var cached: Int
  /// Computed by this replay.
  package var computed: Int
  /// Noted and still to be computed.
  package var pending: Int
  /// Whether the query is being read, so that more calls may be found.
  package var isReading: Bool
}
