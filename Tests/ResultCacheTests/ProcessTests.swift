import TestSupport

#if os(Linux)
  import Foundation
  import ResultCache
  import Testing

  /// Caches in several processes, and what becomes of them when those end in one way or another.
  @Suite(.timeLimit(.minutes(3))) struct ProcessTests {
    @Test func killedInTheMiddleOfWriting() throws {
      let folder = try TemporaryFolder()
      for round in 0..<3 {
        let helper = try HelperProcess("write forever", folder.file)
        #expect(helper.wait(for: "committed \((round + 1) * 4000);"))
        kill(helper.process.processIdentifier, SIGKILL)
        #expect(helper.finish().status == -SIGKILL)
        // What was committed is there; what is there is right.
        let cache = makeCache(folder.file, memory: 0)
        let found = cache.lookup(keys(0..<20_000))
        #expect(found[..<((round + 1) * 4000)].allSatisfy { $0 != nil })
        for (number, found) in found.enumerated() where found != nil { #expect(found == value(number)) }
        #expect(cache.statistics().problem == nil)
      }
      #expect(PlainConnection(folder.file).rows("PRAGMA integrity_check") == ["ok"])
    }

    @Test func exitCommitsTheQueue() throws {
      let folder = try TemporaryFolder()
      let helper = try HelperProcess("write and exit", folder.file)
      #expect(helper.finish().status == 7)
      let cache = makeCache(folder.file)
      #expect(cache.lookup(keys(0..<3000)) == (0..<3000).map { value($0) })
    }

    @Test func twoProcessesWriteAtTheSameTime() throws {
      let folder = try TemporaryFolder()
      let helpers = try ["0", "100"].map {
        try HelperProcess("write half", folder.file, environment: ["SIBYL_TEST_OFFSET": $0])
      }
      for helper in helpers {
        let end = helper.finish()
        #expect(end.status == HelperProcessParts.success, "\(end.output.suffix(600))")
      }
      let cache = makeCache(folder.file, memory: 0)
      #expect(cache.lookup(keys(0..<10_000)) == (0..<10_000).map { value($0) })
      let file = PlainConnection(folder.file)
      #expect(file.rows("SELECT entries FROM totals") == ["10000"])
      #expect(file.rows("PRAGMA integrity_check") == ["ok"])
    }

    @Test func forkWithThreadsAtWork() throws {
      let folder = try TemporaryFolder()
      let helper = try HelperProcess("fork", folder.file)
      let (output, status) = helper.finish()
      #expect(status == HelperProcessParts.success, "\(output)")
      let cache = makeCache(folder.file, memory: 0)
      #expect(cache.lookup(keys(0..<1500)) == (0..<1500).map { value($0) })
      #expect(cache.lookup(keys(20_000..<20_500)) == (20_000..<20_500).map { value($0) })
      #expect(PlainConnection(folder.file).rows("PRAGMA integrity_check") == ["ok"])
    }

    @Test func fullDisk() throws {
      let folder = try TemporaryFolder()
      let (output, status) = try HelperProcess("small files", folder.file).finish()
      #expect(status == HelperProcessParts.success, "\(output)")
      // The file is whole, and goes on once there is room.
      let cache = makeCache(folder.file, memory: 0)
      for (number, found) in cache.lookup(keys(0..<20_000)).enumerated() where found != nil {
        #expect(found == value(number))
      }
      cache.store(entries(0..<100))
      #expect(cache.flush())
      #expect(cache.lookup(key(50)) == value(50))
    }

    @Test func withoutSQLite() throws {
      let folder = try TemporaryFolder()
      let (output, status) = try HelperProcess("no SQLite", folder.file).finish()
      #expect(status == HelperProcessParts.success, "\(output)")
      #expect(!FileManager.default.fileExists(atPath: folder.file))
    }

    /// Another program holds the lock, not another connection of this process.
    @Test func lockOfAnotherProcess() throws {
      let folder = try TemporaryFolder()
      let cache = makeCache(folder.file)
      cache.store(entries(0..<10))
      #expect(cache.flush())
      let shell = Process()
      shell.executableURL = URL(fileURLWithPath: "/usr/bin/env")
      shell.arguments = ["sqlite3", folder.file]
      let (input, output) = (Pipe(), Pipe())
      shell.standardInput = input
      shell.standardOutput = output
      try shell.run()
      input.fileHandleForWriting.write(Data("BEGIN EXCLUSIVE; SELECT 'held';\n".utf8))
      var text = ""
      while !text.contains("held") {
        let data = output.fileHandleForReading.availableData
        if data.isEmpty { break }
        text += String(decoding: data, as: UTF8.self)
      }
      try #require(text.contains("held"), "the sqlite3 shell is needed for this test")
      cache.store(entries(10..<20))
      #expect(makeCache(folder.file, memory: 0).lookup(key(5)) == value(5))
      #expect(!cache.flush(timeoutMilliseconds: 300))
      input.fileHandleForWriting.write(Data("COMMIT;\n".utf8))
      try input.fileHandleForWriting.close()
      shell.waitUntilExit()
      #expect(cache.flush())
      #expect(makeCache(folder.file, memory: 0).lookup(key(15)) == value(15))
    }
  }
#endif
