import Foundation
import PostgresClient

/// A session whose statements a test runs on other threads, one at a time.
struct Session: @unchecked Sendable {
  let connection: PostgresConnection

  init(_ connection: PostgresConnection) { self.connection = connection }

  /// A statement on a thread of its own: its only value, or the error.
  func start(_ sql: String) -> Background<Result<String?, PostgresError>> {
    Background {
      do throws(PostgresError) {
        return .success(try connection.query(sql).first)
      } catch {
        return .failure(error)
      }
    }
  }
}

/// A call that takes the engine several seconds: texts that nobody has asked for before, in an array.
struct LongCall {
  let count: Int
  let salt = UUID().uuidString

  init(_ count: Int = 20_000) { self.count = count }

  /// The array as a query, which has one row and column.
  var texts: String {
    "SELECT array_agg(i || ' \(salt) The parcel number ' || i || ' came ' || i % 13 || ' days late, and half of the "
      + "things in it were broken.') FROM generate_series(1, \(count)) AS i"
  }

  var sql: String { "SELECT cardinality(ai_sentiment((\(texts))))" }
}
