import Threads

/// The second tier: one SQLite file that all processes of the user share.
///
/// Two connections: one reads on callers' threads, one writes on the write-behind thread, so that a lookup never
/// waits for a commit. Any trouble with the file ends in a `CacheProblem` that is remembered, reported once a
/// kind, and followed by a pause in which the file is left alone; nothing is thrown at callers.
///
/// Rule: `reader`, `bulkReaders`, `burst` and `readAhead` are touched only under `readerLock`, `writer` and `sweep`
/// only under `writerLock`, the rest only under `stateLock`. `stateLock` is the only one taken while another is held, except around `fork`.
final class DiskTier: @unchecked Sendable {
  private struct Reader {
    let connection: DiskConnection
    var lookups: DiskReader
  }

  private struct Writer {
    let connection: DiskConnection
    var writes: DiskWriter
  }

  struct State {
    var problem: CacheProblem?
    var readPausedUntil: UInt64 = 0
    var writePausedUntil: UInt64 = 0
    var reported: Set<CacheProblem.Kind> = []
    var hits = 0
    var damagedEntries = 0
    var unsavedStores = 0
    var evictions = 0
    var isOpened = false
  }

  let path: String
  private let pageLimit: Int
  private let report: @Sendable (String) -> Void

  private let readerLock = Lock()
  private let writerLock = Lock()
  private let stateLock = Lock()
  private var reader: Reader?
  private var nextReaderCheck: UInt64 = 0
  /// How many bulk readers there are; while there is one, lookups share a snapshot.
  private var bulkReaders = 0
  private var burst = LookupBurst()
  private var readAhead = ReadAhead()
  private var writer: Writer?
  private var sweep: EvictionSweep?
  private var state = State()

  /// Keys looked up under one lock and on one snapshot: a batch of some milliseconds.
  private static let batchKeys = 8192

  init(path: String, limit: Int, report: @escaping @Sendable (String) -> Void) {
    self.path = path
    pageLimit = max(limit / DiskConnection.pageBytes, 64)
    self.report = report
  }

  // MARK: Reading

  func value(for key: CacheKey) -> CachedValue? {
    guard canRead else { return nil }
    var value: CachedValue?
    read { (reader: inout DiskReader) throws(CacheProblem) in
      if burst.noteLookup() { beginBurst() }
      value =
        bulkReaders > 0 ? try reader.valueHoldingSnapshot(for: key) : try reader.value(for: key)
      if value != nil { readAhead.noteFound() }
    }
    if value != nil { stateLock.withLock { state.hits += 1 } }
    return value
  }

  /// Entries that nobody asked for yet, where so many lookups of a query were answered from the file that the next
  /// ones are worth having in memory.
  func entriesAhead(hasRoom: () -> Bool) -> [(key: CacheKey, value: CachedValue)] {
    var entries: [(key: CacheKey, value: CachedValue)] = []
    let isDue = readerLock.withLock { bulkReaders > 0 && readAhead.isDue }
    guard isDue, hasRoom(), canRead else { return [] }
    read { (reader: inout DiskReader) throws(CacheProblem) in
      guard bulkReaders > 0, readAhead.isDue, let first = readAhead.nextRow else { return }
      entries.reserveCapacity(ReadAhead.entries)
      let next = try reader.entries(from: first, into: &entries)
      readAhead.note(read: entries.count, nextRow: next)
    }
    return entries
  }

  /// With the reader's lock held. A thread of its own ends the burst, because nothing else is sure to come by:
  /// a snapshot that a shell held until its next query would keep the log from being folded into the file.
  private func beginBurst() {
    let isWatched = WorkerThread.start(stackSize: 256 << 10) { [self] in
      repeat { MonotonicClock.sleep(milliseconds: LookupBurst.pauseMilliseconds) } while !endBurstIfOver()
    }
    if isWatched { bulkReaders += 1 } else { burst.stop() }
  }

  private func endBurstIfOver() -> Bool {
    readerLock.withLock {
      guard burst.isOver() else { return false }
      endOneBulkReading()
      return true
    }
  }

  /// Many lookups follow.
  func beginBulkReading() { readerLock.withLock { bulkReaders += 1 } }

  /// The end of what `beginBulkReading` began.
  func endBulkReading() {
    readerLock.withLock { endOneBulkReading() }
  }

  private func endOneBulkReading() {
    bulkReaders -= 1
    guard bulkReaders == 0 else { return }
    reader?.lookups.releaseSnapshot()
    readAhead = ReadAhead()
  }

  /// Looks up the keys at `indices` and passes what it finds, in no particular order.
  func values(for keys: [CacheKey], at indices: [Int], found: (Int, CachedValue) -> Void) {
    // In the order of the rows before it is cut into batches, so that each batch stays within few pages.
    var wanted = indices.map { (row: keys[$0].rowNumber, index: $0) }
    wanted.sort { $0.row < $1.row }
    var rest = wanted[...]
    var hits = 0
    while !rest.isEmpty, canRead {
      let batch = rest.prefix(Self.batchKeys)
      rest = rest.dropFirst(batch.count)
      read { (reader: inout DiskReader) throws(CacheProblem) in
        try reader.values(for: keys, batch) { index, value in
          hits += 1
          found(index, value)
        }
      }
    }
    if hits > 0 { stateLock.withLock { state.hits += hits } }
  }

  private var canRead: Bool {
    stateLock.withLock { state.readPausedUntil == 0 || state.readPausedUntil <= MonotonicClock.nanoseconds }
  }

  private func read(_ body: (inout DiskReader) throws(CacheProblem) -> Void) {
    var damaged = 0
    let problem: CacheProblem? = readerLock.withLock {
      do throws(CacheProblem) {
        try openReader()
        guard reader != nil else { return nil }
        let before = reader?.lookups.damagedEntries ?? 0
        defer { damaged = (reader?.lookups.damagedEntries ?? before) - before }
        if var lookups = reader?.lookups {
          defer { reader?.lookups = lookups }
          try body(&lookups)
        }
        return nil
      } catch {
        closeReader()
        return error
      }
    }
    if damaged > 0 { stateLock.withLock { state.damagedEntries += damaged } }
    note(problem, reading: true)
  }

  private func openReader() throws(CacheProblem) {
    if let open = reader {
      // Looking whether the file was replaced costs as much as a lookup, so not every time.
      let now = MonotonicClock.nanoseconds
      if now < nextReaderCheck { return }
      nextReaderCheck = now + 200_000_000
      if open.connection.isCurrent { return }
      closeReader()
    }
    let connection = try DiskConnection(
      path: path, busyMilliseconds: 250, cacheKibibytes: 16384, pageLimit: pageLimit)
    reader = Reader(connection: connection, lookups: try DiskReader(connection))
    nextReaderCheck = MonotonicClock.nanoseconds + 200_000_000
  }

  private func closeReader() {
    reader?.connection.close()
    reader = nil
  }

  // MARK: Writing

  /// Whether results for the file are taken at present; while it is bypassed they are not even queued.
  var canWrite: Bool {
    stateLock.withLock { state.writePausedUntil == 0 || state.writePausedUntil <= MonotonicClock.nanoseconds }
  }

  /// Commits results, then evicts a slice where the file is too large. On the write-behind thread.
  ///
  /// - Parameter isStopping: asked while another process holds the lock, so that an exit is not held up.
  /// - Returns: whether eviction is under way and the next step should follow soon.
  func write(_ writes: [PendingWrite], isStopping: () -> Bool) -> Bool {
    guard canWrite else {
      stateLock.withLock { state.unsavedStores += writes.count }
      return false
    }
    let deadline = MonotonicClock.nanoseconds + 5_000_000_000
    var problem: CacheProblem?
    // Each try holds the lock for one short wait only, so that `fork` does not wait for another process.
    repeat {
      problem = write { () throws(CacheProblem) in try save(writes) }
    } while problem?.kind == .locked && !isStopping() && MonotonicClock.nanoseconds < deadline
    if problem != nil {
      stateLock.withLock { state.unsavedStores += writes.count }
    } else {
      problem = write { () throws(CacheProblem) in try evictSlice() }
      // Another process is writing just now: eviction can wait for the next time, nothing is lost.
      if problem?.kind == .locked { problem = nil }
    }
    note(problem, reading: false)
    return problem == nil && writerLock.withLock { sweep != nil }
  }

  private func write(_ body: () throws(CacheProblem) -> Void) -> CacheProblem? {
    writerLock.withLock {
      do throws(CacheProblem) {
        try openWriter()
        try body()
        return nil
      } catch {
        if error.kind != .locked { closeWriter() }
        return error
      }
    }
  }

  private func save(_ writes: [PendingWrite]) throws(CacheProblem) {
    guard !writes.isEmpty else { return }
    for _ in 0..<4 {
      do throws(CacheProblem) {
        try writer?.writes.write(writes)
        return
      } catch {
        // The hard limit came before eviction did: make room at once.
        guard error.kind == .full else { throw error }
        sweep = nil
        guard try evictWholeShare() > 0 else { throw error }
      }
    }
    try writer?.writes.write(writes)
  }

  private func evictSlice() throws(CacheProblem) {
    guard let connection = writer?.connection else { return }
    if sweep == nil, try EvictionSweep.isDue(connection, pageLimit: pageLimit) {
      sweep = try EvictionSweep(connection)
    }
    _ = try stepSweep()
  }

  private func evictWholeShare() throws(CacheProblem) -> Int {
    guard let connection = writer?.connection else { return 0 }
    sweep = try EvictionSweep(connection)
    var evicted = 0
    while sweep != nil { evicted += try stepSweep() }
    return evicted
  }

  private func stepSweep() throws(CacheProblem) -> Int {
    guard var step = sweep, let open = writer else { return 0 }
    var writes = open.writes
    let evicted = try step.step(open.connection, &writes)
    sweep = step.isFinished ? nil : step
    stateLock.withLock { state.evictions += evicted }
    return evicted
  }

  private func openWriter() throws(CacheProblem) {
    if let open = writer {
      if open.connection.isCurrent { return }
      closeWriter()
    }
    let connection = try DiskConnection(path: path, busyMilliseconds: 250, pageLimit: pageLimit)
    writer = Writer(connection: connection, writes: try DiskWriter(connection))
  }

  private func closeWriter() {
    writer?.connection.close()
    writer = nil
    sweep = nil
  }

  // MARK: Problems

  private func note(_ problem: CacheProblem?, reading: Bool) {
    var isNew = false
    stateLock.withLock {
      guard let problem else {
        if reading { state.readPausedUntil = 0 } else { state.writePausedUntil = 0 }
        state.isOpened = true
        return
      }
      let until = MonotonicClock.nanoseconds &+ problem.pauseNanoseconds
      state.problem = problem
      if reading { state.readPausedUntil = until } else { state.writePausedUntil = until }
      // What is wrong with the file itself is wrong for both directions.
      if problem.kind != .locked, problem.kind != .full {
        state.readPausedUntil = until
        state.writePausedUntil = until
      }
      isNew = state.reported.insert(problem.kind).inserted
    }
    if isNew, let problem { report("sibyl: \(problem.message)") }
  }

  /// Counters and the present state.
  func snapshot() -> (state: State, isBypassed: Bool) {
    stateLock.withLock {
      let now = MonotonicClock.nanoseconds
      return (state, state.readPausedUntil > now || state.writePausedUntil > now)
    }
  }

  // MARK: Statistics, emptying, closing

  /// Entries in the file; nil where it does not exist or can't be read.
  func entryCount() -> Int? {
    let file = CacheFile(path: path)
    guard canRead, (try? file.identity()) != nil else { return nil }
    var count: Int?
    read { (reader: inout DiskReader) throws(CacheProblem) in count = try reader.entryCount() }
    return count
  }

  /// Bytes on disk, the write-ahead log included.
  var fileBytes: Int { CacheFile(path: path).bytes }

  /// Removes all entries; a damaged file of ours becomes a new one.
  func clear() throws(CacheProblem) {
    let file = CacheFile(path: path)
    guard try file.identity() != nil else { return }
    readerLock.withLock { closeReader() }
    try writerLock.withLock { () throws(CacheProblem) in
      closeWriter()
      do throws(CacheProblem) {
        let connection = try DiskConnection(path: path, busyMilliseconds: 5000, pageLimit: .max)
        defer { connection.close() }
        try connection.removeEntries()
      } catch {
        guard error.kind == .damaged else { throw error }
        try DiskConnection.rebuild(path: path)
      }
    }
    stateLock.withLock {
      state.readPausedUntil = 0
      state.writePausedUntil = 0
      state.reported = []
      state.problem = nil
    }
  }

  /// Closes both connections where their locks are free within a second; SQLite then folds the log into the file.
  func close() {
    for (lock, body) in [(writerLock, { self.closeWriter() }), (readerLock, { self.closeReader() })] {
      let deadline = MonotonicClock.nanoseconds + 1_000_000_000
      while !lock.tryLock() {
        if MonotonicClock.nanoseconds > deadline { return }
        MonotonicClock.sleep(milliseconds: 1)
      }
      body()
      lock.unlock()
    }
  }

  /// Before `fork`: waits for the statement under way and closes both connections, because nothing of an open
  /// connection may reach the child: not its locks, which belong to the parent, nor SQLite's own record of
  /// them, from which a connection opened by the child would take them for held.
  /// (https://www.sqlite.org/howtocorrupt.html, section 2.6)
  func prepareFork() {
    readerLock.lock()
    writerLock.lock()
    closeReader()
    closeWriter()
    stateLock.lock()
  }

  /// After `fork`, in the parent and in the child; connections open again when they are needed.
  func finishFork(isChild: Bool) {
    if isChild, burst.isUnderWay {
      // The thread that would end it is the parent's.
      burst.stop()
      endOneBulkReading()
    }
    stateLock.unlock()
    writerLock.unlock()
    readerLock.unlock()
  }
}
