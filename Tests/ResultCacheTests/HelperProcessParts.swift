#if os(Linux)
  import CSQLite
  import Foundation
  import ResultCache
  import Testing

  /// What helper processes do; see `HelperProcess`. Does nothing in an ordinary run of the tests.
  @Suite struct HelperProcessParts {
    /// Unlike 0, not what a process ends with that ran no part at all.
    static let success: Int32 = 42

    private static let part = ProcessInfo.processInfo.environment["SIBYL_TEST_PART"]
    private static let path = ProcessInfo.processInfo.environment["SIBYL_TEST_PATH"] ?? ""

    @Test(.enabled(if: part != nil, "only in a helper process")) func play() {
      switch Self.part {
      case "write forever": writeForever()
      case "write and exit": writeAndExit()
      case "write half": writeHalf()
      case "fork": forkAndGoOn()
      case "small files": smallFiles()
      case "no SQLite": noSQLite()
      default: Issue.record("no such part")
      }
    }

    private func say(_ line: String) { ResultCache.writeToStandardError(line) }

    /// Until killed: says how many results are committed.
    private func writeForever() {
      let cache = makeCache(Self.path)
      var next = 0
      while true {
        cache.store(entries(next..<next + 200))
        next += 200
        if next % 2000 == 0, cache.flush() { say("committed \(next);") }
      }
    }

    /// The host ends the process right after its last query.
    private func writeAndExit() {
      let cache = makeCache(Self.path)
      cache.store(entries(0..<3000))
      exit(7)
    }

    private func writeHalf() {
      let cache = makeCache(Self.path)
      let offset = Int(ProcessInfo.processInfo.environment["SIBYL_TEST_OFFSET"] ?? "") ?? 0
      for base in stride(from: offset, to: 10_000, by: 200) {
        cache.store(entries(base..<base + 100))
        _ = cache.lookup(keys(base..<base + 300))
      }
      let isFlushed = cache.flush()
      let statistics = cache.statistics()
      if let problem = statistics.problem { print("problem: \(problem)") }
      exit(isFlushed && statistics.problem == nil && statistics.unsavedStores == 0 ? Self.success : 1)
    }

    /// Forks in the middle of writing, with other threads at work; parent and child both go on.
    ///
    /// Swift's runtime is no more fork-safe than others: a child inherits the locks that other threads held.
    /// It takes locks when it first meets a generic type, so everything runs once before the first fork.
    private func forkAndGoOn() {
      endBy(seconds: 100)
      let cache = makeCache(Self.path)
      cache.store(entries(0..<1000))
      _ = cache.flush()
      _ = cache.lookup(keys(0..<2000))
      _ = try? cache.resolve(keys(9000..<9100)) { $0.map { .success(value(9000 + $0)) } }
      _ = try? cache.resolve(key(9050)) { value(9050) }
      _ = cache.statistics()
      Thread { while true { cache.store(entries(5000..<5100)) } }.start()
      Thread { while true { _ = cache.lookup(keys(0..<2000)) } }.start()
      Thread {
        while true { _ = try? cache.resolve(keys(9000..<9100)) { $0.map { .success(value(9000 + $0)) } } }
      }
      .start()
      usleep(500_000)
      // Swift hides fork, but hosts use it.
      typealias Fork = @convention(c) () -> pid_t
      guard let symbol = dlsym(nil, "fork") else { exit(9) }
      let fork = unsafeBitCast(symbol, to: Fork.self)
      var children: [pid_t] = []
      for round in 0..<5 {
        cache.store(entries(1000 + round * 100..<1100 + round * 100))
        let child = fork()
        if child == 0 {
          endBy(seconds: 20)
          let base = 20_000 + round * 100
          cache.store(entries(base..<base + 100))
          let flushed = cache.flush()
          let known = cache.lookup(key(500)) == value(500)
          let computed = try? cache.resolve(key(9050)) { value(9050) }
          _exit(flushed && known && computed == value(9050) && cache.statistics().problem == nil ? 0 : 1)
        }
        children.append(child)
      }
      var failures: Int32 = 0
      for child in children {
        var status: Int32 = 0
        if waitpid(child, &status, 0) != child || status != 0 { failures += 1 }
      }
      exit(cache.flush() && failures == 0 ? Self.success : 10 + failures)
    }

    /// Has the system end this process if it still runs then; threads of Dispatch block the signal.
    private func endBy(seconds: UInt32) {
      var signals = sigset_t()
      sigemptyset(&signals)
      sigaddset(&signals, SIGALRM)
      pthread_sigmask(SIG_UNBLOCK, &signals, nil)
      alarm(seconds)
    }

    /// A disk that is full: no file may grow beyond 200 KB.
    private func smallFiles() {
      signal(SIGXFSZ, SIG_IGN)
      var limit = rlimit(rlim_cur: 200_000, rlim_max: 200_000)
      guard setrlimit(__rlimit_resource_t(1), &limit) == 0 else { exit(9) }
      let log = ReportLog()
      let cache = makeCache(Self.path, log: log)
      for base in stride(from: 0, to: 20_000, by: 500) {
        cache.store(entries(base..<base + 500))
        _ = cache.flush()
      }
      let statistics = cache.statistics()
      guard cache.lookup(key(19_999)) == value(19_999), statistics.unsavedStores > 0 else { exit(1) }
      guard statistics.problem != nil, log.lines.count == 1 else { exit(2) }
      exit(Self.success)
    }

    private func noSQLite() {
      let log = ReportLog()
      let cache = ResultCache(configuration: CacheConfiguration(path: Self.path)) { log.add($0) }
      cache.store(entries(0..<10))
      guard cache.lookup(key(1)) == value(1), cache.lookup(key(99)) == nil, cache.flush() else { exit(1) }
      exit(cache.statistics().problem?.kind == .unsupported && log.lines.count == 1 ? Self.success : 2)
    }
  }
#endif
