import Diagnostics

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Remembers every result that Sibyl computed: the memory of all AI functions and the checkpoint of bulk work.
///
/// Two tiers: a bounded part of this process's memory, then one SQLite file that all processes of the user
/// share. A lookup asks memory, then the file; a result goes to memory at once and to the file within some
/// 50 ms, off the caller's path. A job that is killed therefore loses at most what it computed in that time.
///
/// The cache never makes a query fail. Whatever is wrong with the file (locked, full, read-only, damaged,
/// another program's) is told once on standard error, kept in `statistics().problem`, and bypassed: results are
/// computed and kept in memory. What is read is checked; a damaged entry is a miss.
///
/// Any thread may call any method. After `fork` parent and child both go on with the same file; what the parent
/// had queued is written by the parent. At `exit` the queue is committed first.
///
/// ```swift
/// let results = try ResultCache.shared.resolve(keys) { missing throws(SibylError) in
///   try embed(missing.map { texts[$0] })
/// }
/// ```
public final class ResultCache: Sendable {
  /// The cache of this process, set up from the environment when it is first used.
  public static let shared = ResultCache(configuration: .fromEnvironment())

  public let configuration: CacheConfiguration
  let memory: MemoryTier
  let disk: DiskTier?
  let claims = RequestClaims()
  private let writes: WriteBehind?
  private let counters = Counters()

  /// - Parameter report: gets one line for each kind of problem with the file, the first time that it occurs,
  ///   on whatever thread it occurs; by default it is written to standard error.
  public init(
    configuration: CacheConfiguration,
    report: @escaping @Sendable (String) -> Void = { ResultCache.writeToStandardError($0) }
  ) {
    self.configuration = configuration
    memory = MemoryTier(limit: max(configuration.memoryLimit, 0))
    if let path = configuration.path, configuration.diskLimit > 0 {
      let tier = DiskTier(path: path, limit: configuration.diskLimit, report: report)
      disk = tier
      writes = WriteBehind(disk: tier)
    } else {
      disk = nil
      writes = nil
    }
    for warning in configuration.warnings { report("sibyl: \(warning)") }
    ProcessEvents.shared.add(
      ProcessEvents.Parts(memory: memory, claims: claims, disk: disk, writes: writes),
      for: ObjectIdentifier(self))
  }

  deinit {
    ProcessEvents.shared.remove(ObjectIdentifier(self))
    writes?.stop(timeoutMilliseconds: 4000)
    disk?.close()
  }

  // MARK: Looking up

  /// The result for a key, or nil. From memory in about a tenth of a microsecond, from the file in a few.
  public func lookup(_ key: CacheKey) -> CachedValue? {
    if let value = memory.value(for: key) { return value }
    guard let value = disk?.value(for: key) else {
      counters.add(misses: 1)
      return nil
    }
    memory.insert(value, for: key)
    if let entries = disk?.entriesAhead(hasRoom: { memory.hasRoom }) {
      for entry in entries { memory.insert(entry.value, for: entry.key) }
    }
    return value
  }

  /// Says that many single lookups follow, as when a table is read row by row: they share one look at the file,
  /// which is renewed now and then, and take a third of the time. Each call needs its `endBulkReading`.
  public func beginBulkReading() { disk?.beginBulkReading() }

  /// The end of what `beginBulkReading` began.
  public func endBulkReading() { disk?.endBulkReading() }

  /// The results for many keys, nil where there is none, in the keys' order. The file is asked once for all
  /// keys that memory lacks, which is several times faster than one by one.
  public func lookup(_ keys: [CacheKey]) -> [CachedValue?] {
    // One is looked up without a transaction around it.
    if keys.count == 1 { return [lookup(keys[0])] }
    var values = [CachedValue?](repeating: nil, count: keys.count)
    var missing: [Int] = []
    for (index, key) in keys.enumerated() {
      if let value = memory.value(for: key) {
        values[index] = value
      } else {
        missing.append(index)
      }
    }
    guard !missing.isEmpty else { return values }
    var found = 0
    disk?.values(for: keys, at: missing) { index, value in
      found += 1
      memory.insert(value, for: keys[index])
      values[index] = value
    }
    counters.add(misses: missing.count - found)
    return values
  }

  // MARK: Storing

  /// Keeps a result. Errors are never stored: there is no way to pass one.
  public func store(_ value: CachedValue, for key: CacheKey) {
    store(CollectionOfOne((key: key, value: value)))
  }

  /// Keeps results: in memory at once, in the file soon. Waits only where the queue to the file is full.
  public func store(_ entries: some Collection<(key: CacheKey, value: CachedValue)>) {
    for entry in entries { memory.insert(entry.value, for: entry.key) }
    counters.add(stores: entries.count)
    // Beyond what SQLite takes in one value by default, with room for the header.
    writes?.enqueue(
      entries.lazy.filter { $0.value.byteCount <= Self.largestValue }
        .map { PendingWrite(key: $0.key, value: $0.value) })
  }

  /// The largest value that goes to the file; larger ones are computed again when they are wanted again.
  public static let largestValue = 64 << 20

  /// Waits until everything stored so far is committed to the file.
  ///
  /// - Returns: false where that took longer than the timeout. What a bypassed file did not take does not
  ///   count; see `statistics().unsavedStores`.
  @discardableResult
  public func flush(timeoutMilliseconds: Int = 30_000) -> Bool {
    writes?.flush(timeoutMilliseconds: timeoutMilliseconds) ?? true
  }

  // MARK: Looking after

  /// Forgets everything, in memory and in the file. Other processes may be using the file at the same time.
  ///
  /// A damaged cache file becomes a new one.
  /// - Throws: where the file can't be emptied, or is not a result cache and was left alone.
  public func clear() throws(SibylError) {
    memory.removeAll()
    writes?.removeAll()
    _ = flush()
    do throws(CacheProblem) {
      try disk?.clear()
    } catch {
      throw SibylError(error.kind == .damaged ? .corruptFile : .unavailable, error.message)
    }
  }

  /// What the cache did and what it holds. Opens the file where it exists and was not needed so far.
  public func statistics() -> CacheStatistics {
    var statistics = CacheStatistics()
    let inMemory = memory.totals()
    statistics.memoryHits = inMemory.hits
    statistics.memoryEntries = inMemory.entries
    statistics.memoryBytes = inMemory.bytes
    statistics.memoryEvictions = inMemory.evictions
    (statistics.misses, statistics.stores) = counters.values
    guard let disk else { return statistics }
    statistics.path = disk.path
    statistics.diskEntries = disk.entryCount() ?? 0
    statistics.diskBytes = disk.fileBytes
    let (state, isBypassed) = disk.snapshot()
    statistics.diskHits = state.hits
    statistics.damagedEntries = state.damagedEntries
    statistics.diskEvictions = state.evictions
    statistics.unsavedStores = state.unsavedStores + (writes?.droppedCount ?? 0)
    statistics.problem = state.problem
    statistics.fileState = isBypassed ? .bypassed : state.isOpened ? .ready : .unopened
    return statistics
  }

  /// One line to standard error, in one call so that lines of several threads don't mix.
  public static func writeToStandardError(_ line: String) {
    let bytes = Array((line + "\n").utf8)
    _ = bytes.withUnsafeBytes { write(2, $0.baseAddress, $0.count) }
  }
}
