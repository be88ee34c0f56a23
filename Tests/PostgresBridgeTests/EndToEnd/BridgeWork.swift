import Foundation
import PostgresClient
import Testing

/// What the bridge is doing, as `sibyl.status` tells it.
struct BridgeWork {
  private let connection: PostgresConnection

  init(_ connection: PostgresConnection) { self.connection = connection }

  /// Rows answered since the bridge was started.
  func answered() throws -> Int { try connection.integer("SELECT answered FROM sibyl.status") }

  func waitUntilComputed(_ count: Int, _ location: SourceLocation = #_sourceLocation) throws {
    let isSo = try eventually { try answered() >= count }
    #expect(isSo, "the bridge did not compute \(count) rows", sourceLocation: location)
  }

  /// Waits until nothing is queued and nothing more is answered for a second.
  func expectToStop(_ location: SourceLocation = #_sourceLocation) throws {
    var last = try answered()
    var quietSince = ContinuousClock.now
    let isStopped = try eventually(within: 20) {
      let row = try connection.query("SELECT answered, queue_length FROM sibyl.status")
      let answered = Int(row[0, 0] ?? "") ?? -1
      if answered != last || row[0, 1] != "0" {
        last = answered
        quietSince = .now
      }
      return quietSince.duration(to: .now) > .seconds(1)
    }
    #expect(isStopped, "the bridge goes on computing", sourceLocation: location)
  }
}
