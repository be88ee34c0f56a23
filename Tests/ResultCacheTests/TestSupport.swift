import CSQLite
import Diagnostics
import Foundation
import ResultCache
import TestSupport
import Testing

/// Hands the linked SQLite to the module under test, once.
let hasSQLite: Bool = csqlite_use_linked_library() == 1

extension TemporaryFolder {
  var file: String { self["cache.sqlite3"] }
}

/// What a cache reported.
final class ReportLog: @unchecked Sendable {
  private let lock = NSLock()
  private var collected: [String] = []

  var lines: [String] { lock.withLock { collected } }
  func add(_ line: String) { lock.withLock { collected.append(line) } }
}

func makeCache(
  _ path: String?, disk: Int = CacheConfiguration.defaultDiskLimit, memory: Int = 16 << 20,
  log: ReportLog = ReportLog()
) -> ResultCache {
  #expect(hasSQLite)
  return ResultCache(
    configuration: CacheConfiguration(path: path, diskLimit: disk, memoryLimit: memory),
    report: { log.add($0) })
}

func key(_ number: Int, function: String = "ai_test") -> CacheKey {
  var builder = CacheKeyBuilder(
    prefix: CacheKeyPrefix(function: function, revision: 1, model: nil, engine: "test"))
  builder.append(Int64(number))
  return builder.finish()
}

func keys(_ range: Range<Int>) -> [CacheKey] { range.map { key($0) } }

/// The value that all tests store under `key(number)`.
func value(_ number: Int) -> CachedValue { .text("value \(number)") }

func entries(_ range: Range<Int>) -> [(key: CacheKey, value: CachedValue)] {
  range.map { (key($0), value($0)) }
}

/// A plain SQLite connection, for tests that look into a file or spoil it.
final class PlainConnection {
  private var handle: OpaquePointer?

  init(_ path: String) {
    sqlite3_open(path, &handle)
    sqlite3_busy_timeout(handle, 5000)
  }

  deinit { sqlite3_close(handle) }

  @discardableResult
  func execute(_ sql: String) -> Int32 { sqlite3_exec(handle, sql, nil, nil, nil) }

  /// The first column of all rows.
  func rows(_ sql: String) -> [String] {
    var statement: OpaquePointer?
    guard sqlite3_prepare_v2(handle, sql, -1, &statement, nil) == SQLITE_OK else { return [] }
    defer { sqlite3_finalize(statement) }
    var rows: [String] = []
    while sqlite3_step(statement) == SQLITE_ROW {
      rows.append(sqlite3_column_text(statement, 0).map { String(cString: $0) } ?? "NULL")
    }
    return rows
  }
}

/// Runs `body` on several threads at once and waits for all.
func onThreads(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
  let group = DispatchGroup()
  for index in 0..<count {
    group.enter()
    let thread = Thread {
      body(index)
      group.leave()
    }
    thread.start()
  }
  group.wait()
}
