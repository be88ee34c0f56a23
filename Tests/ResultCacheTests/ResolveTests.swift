import Diagnostics
import Foundation
import ResultCache
import Testing

/// Counts how often each key was computed.
private final class Computations: @unchecked Sendable {
  private let lock = NSLock()
  private var counts: [Int: Int] = [:]
  func add(_ number: Int) { lock.withLock { counts[number, default: 0] += 1 } }
  var all: [Int: Int] { lock.withLock { counts } }
}

@Suite struct ResolveTests {
  private static let failure = SibylError(.invalidArgument, "no")

  @Test func computesEachMissingKeyOnce() throws {
    let cache = makeCache(nil)
    cache.store(value(1), for: key(1))
    let wanted = [key(0), key(1), key(2), key(0), key(2)]
    var asked: [[Int]] = []
    let results = try cache.resolve(wanted) { missing in
      asked.append(missing)
      return missing.map { .success(value($0)) }
    }
    #expect(asked == [[0, 2]])
    #expect(results == [0, 1, 2, 0, 2].map { .success(value($0)) })
    _ = try cache.resolve(wanted) { _ in
      Issue.record("all are known")
      return []
    }
    #expect(try cache.resolve([]) { _ in [] }.isEmpty)
  }

  @Test func errorsAreNotCached() throws {
    let cache = makeCache(nil)
    let first = try cache.resolve(keys(0..<3)) { missing in
      missing.map { $0 == 1 ? .failure(Self.failure) : .success(value($0)) }
    }
    #expect(first == [.success(value(0)), .failure(Self.failure), .success(value(2))])
    var asked: [Int] = []
    let second = try cache.resolve(keys(0..<3)) { missing in
      asked += missing
      return missing.map { .success(value($0)) }
    }
    #expect(asked == [1])
    #expect(second[1] == .success(value(1)))
  }

  @Test func tooFewResultsAreAnErrorNotACrash() throws {
    let cache = makeCache(nil)
    let results = try cache.resolve(keys(0..<3)) { _ in [.success(value(0))] }
    #expect(results[0] == .success(value(0)))
    for result in results[1...] {
      guard case .failure(let error) = result else {
        Issue.record("expected an error")
        continue
      }
      #expect(error.kind == .internalFault)
    }
  }

  @Test func throwingLeavesNothingClaimed() throws {
    let cache = makeCache(nil)
    #expect(throws: Self.failure) {
      try cache.resolve(keys(0..<3)) { _ throws(SibylError) in throw Self.failure }
    }
    let results = try cache.resolve(keys(0..<3)) { missing in missing.map { .success(value($0)) } }
    #expect(results[2] == .success(value(2)))
    #expect(try cache.resolve(key(7)) { value(7) } == value(7))
    #expect(try cache.resolve(key(7)) { .null } == value(7))
  }

  @Test(arguments: [0, 16 << 20]) func concurrentRequestsAreComputedOnce(memory: Int) {
    let cache = makeCache(nil, memory: memory)
    let computations = Computations()
    let entered = Computations()
    onThreads(8) { thread in
      entered.add(thread)
      // Overlapping ranges in different orders.
      let wanted = (0..<64).map { ($0 * (thread + 1) * 2 + 1) % 64 }
      let results = try? cache.resolve(wanted.map { key($0) }) { missing in
        // All eight are in before the first is done: without memory, nothing outlives its computation.
        while entered.all.count < 8 { usleep(1000) }
        usleep(memory == 0 ? 200_000 : 10_000)
        for index in missing { computations.add(wanted[index]) }
        return missing.map { .success(value(wanted[$0])) }
      }
      if results != wanted.map({ .success(value($0)) }) { Issue.record("wrong results") }
    }
    #expect(computations.all.values.allSatisfy { $0 == 1 })
  }

  @Test func anotherTakesOverFromAFailure() {
    let cache = makeCache(nil)
    let computing = DispatchSemaphore(value: 0)
    let attempts = Computations()
    onThreads(4) { thread in
      if thread > 0 {
        computing.wait()
        computing.signal()
      }
      let result = Result { () throws(SibylError) -> CachedValue in
        try cache.resolve(key(1)) { () throws(SibylError) in
          attempts.add(thread)
          computing.signal()
          usleep(50_000)
          if thread == 0 { throw SibylError(.cancelled, "stopped") }
          return value(1)
        }
      }
      if thread == 0 {
        if case .success = result { Issue.record("the first one was cancelled") }
      } else if (try? result.get()) != value(1) {
        Issue.record("thread \(thread) should have a result")
      }
    }
    #expect(attempts.all[0] == 1)
    #expect(attempts.all.count == 2)
  }

  @Test func waitingCanBeCancelled() {
    let cache = makeCache(nil)
    let computing = DispatchSemaphore(value: 0)
    let cancelled = DispatchSemaphore(value: 0)
    onThreads(2) { thread in
      if thread == 0 {
        _ = try? cache.resolve(key(1)) {
          computing.signal()
          cancelled.wait()
          return value(1)
        }
      } else {
        computing.wait()
        do throws(SibylError) {
          _ = try cache.resolve(key(1), isCancelled: { true }) { value(1) }
          Issue.record("should have been cancelled")
        } catch {
          #expect(error.kind == .cancelled)
        }
        cancelled.signal()
      }
    }
    #expect(cache.lookup(key(1)) == value(1))
  }

  /// Two threads, each computing what the other one asks for from inside its own computation.
  @Test func nestedRequestsDoNotDeadlock() {
    let cache = makeCache(nil)
    let inside = DispatchGroup()
    inside.enter()
    inside.enter()
    onThreads(2) { thread in
      let result = try? cache.resolve(key(thread)) { () throws(SibylError) in
        inside.leave()
        inside.wait()
        let other = try cache.resolve(key(1 - thread)) { value(1 - thread) }
        if other != value(1 - thread) { Issue.record("wrong inner value") }
        // Its own key, too.
        return try cache.resolve(key(thread)) { value(thread) }
      }
      if result != value(thread) { Issue.record("wrong value") }
    }
  }
}
