import Foundation
import PostgresWire
import Testing

/// Thousands of clients that come and go leave nothing behind.
@Suite(.serialized)
struct ConnectionChurnTests {
  private struct Usage {
    var descriptors: Int
    /// Resident memory in bytes.
    var memory: Int
  }

  private static let canMeasure: Bool = {
    let can = FileManager.default.fileExists(atPath: "/proc/self/statm")
    if !can { print("SKIPPED: without /proc, descriptors and memory are not measured") }
    return can
  }()

  private func usage() throws -> Usage {
    let descriptors = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count
    let pages = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8).split(separator: " ")
    return Usage(descriptors: descriptors, memory: (Int(pages[1]) ?? 0) * Int(getpagesize()))
  }

  /// Connects and disconnects in every way there is, at most twenty at a time.
  private func churn(_ server: TestServer, count: Int) throws {
    var open: [RawClient] = []
    for number in 0..<count {
      let client = try server.connect()
      switch number % 10 {
      case 0:
        try client.login(user: TestServer.user, password: TestServer.password)
        #expect(try client.value("SELECT echo('x')") == "x")
        if number.isMultiple(of: 20) { client.send(RawClient.message("X")) }
      case 1: client.send(RawClient.startup([("user", "nobody")]))
      case 2:
        client.send(RawClient.sslRequest)
        _ = try client.byte()
      case 3: client.send([0, 0, 0])
      case 4: client.send(RawClient.cancel(process: 1, secret: 1))
      case 5: client.send(Array("GET / HTTP/1.1\r\n\r\n".utf8))
      case 6:
        try client.login(user: TestServer.user, password: TestServer.password)
        client.send(RawClient.query("SELECT wait()"))
      default: break
      }
      open.append(client)
      if open.count == 20 {
        for (place, client) in open.enumerated() where place % 3 == 0 { client.reset() }
        open.removeAll()
      }
    }
    open.removeAll()
    #expect(eventually { server.server.sessionCount == 0 })
  }

  /// Other tests run in this process at the same time and take memory too, but none that grows in every
  /// round; what a connection leaves behind would.
  @Test("10,000 connections do not grow the process", .enabled(if: canMeasure))
  func growth() throws {
    let server = try TestServer()
    defer { server.server.stop() }
    var usages: [Usage] = []
    var growths: [Int] { zip(usages.dropFirst(), usages).map { $0.memory - $1.memory } }
    // While other tests load models, rounds go on: a leak would grow in every one of them.
    while usages.count < 10 || (usages.count < 100 && (growths.min() ?? .max) >= 256 << 10) {
      try churn(server, count: 1_000)
      // What the tests themselves remember is not the server's.
      server.service.events.withLock { $0 = .init() }
      server.log.removeAll()
      usages.append(try usage())
    }
    #expect(growths.min() ?? .max < 256 << 10, "resident bytes more after each 1,000 connections: \(growths)")
    #expect(eventually { (try? usage().descriptors) ?? .max < usages[0].descriptors + 200 })
  }
}
