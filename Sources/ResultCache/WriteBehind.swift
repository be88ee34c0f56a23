import Threads

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The thread that carries results to the file, in transactions, off the callers' path.
///
/// Results wait until 4,096 of them or 4 MiB are there, or 50 ms have passed; whatever is lost when the process
/// is killed was handed in within that time. The queue is bounded: where the file can't keep up, callers wait,
/// and after two seconds of waiting their results are dropped (they stay in memory).
///
/// Rule: every stored variable is touched only under `lock`. The thread is the only one that calls `write`, and
/// it holds no lock while it does. The thread starts with the first result and ends with `stop`; it keeps
/// `WriteBehind` alive until then. A child after `fork` has no such thread: `finishFork` forgets it, and the
/// child's first result starts another.
final class WriteBehind: @unchecked Sendable {
  private static let groupEntries = 4096
  private static let groupBytes = 4 << 20
  private static let queueBytes = 16 << 20
  private static let groupNanoseconds: UInt64 = 50_000_000
  private static let roomNanoseconds: UInt64 = 2_000_000_000

  private let disk: DiskTier
  private let lock = Lock()
  private let work = Condition()
  private let progress = Condition()

  private var pending: [PendingWrite] = []
  private var pendingBytes = 0
  /// Results taken and results done with, ever: a flush waits until the second reaches the first.
  private var taken: UInt64 = 0
  private var done: UInt64 = 0
  private var flushes = 0
  private var dropped = 0
  private var thread: pthread_t?
  private var isRunning = false
  private var isStopping = false

  init(disk: DiskTier) { self.disk = disk }

  /// Queues results. Returns soon, unless the queue is full.
  func enqueue(_ writes: some Sequence<PendingWrite>) {
    guard disk.canWrite else {
      let count = writes.reduce(into: 0) { count, _ in count += 1 }
      lock.withLock { dropped += count }
      return
    }
    lock.lock()
    defer { lock.unlock() }
    var deadline: UInt64?
    for write in writes {
      let bytes = write.bytes
      while pendingBytes + bytes > Self.queueBytes, !pending.isEmpty, !isStopping {
        let limit = deadline ?? MonotonicClock.nanoseconds + Self.roomNanoseconds
        deadline = limit
        guard MonotonicClock.nanoseconds < limit else { break }
        work.signal()
        progress.wait(lock, until: limit)
      }
      guard !isStopping, pending.isEmpty || pendingBytes + bytes <= Self.queueBytes, startThread() else {
        dropped += 1
        continue
      }
      pending.append(write)
      pendingBytes += bytes
      taken &+= 1
      if pending.count == 1 || pending.count == Self.groupEntries || pendingBytes >= Self.groupBytes {
        work.signal()
      }
    }
  }

  /// Waits until everything queued so far is committed or given up; false where that took too long.
  func flush(timeoutMilliseconds: Int) -> Bool {
    let deadline = MonotonicClock.nanoseconds &+ UInt64(max(timeoutMilliseconds, 0)) &* 1_000_000
    lock.lock()
    defer { lock.unlock() }
    let goal = taken
    flushes += 1
    defer { flushes -= 1 }
    work.signal()
    while done < goal {
      guard isRunning, MonotonicClock.nanoseconds < deadline else { return false }
      progress.wait(lock, until: deadline)
    }
    return true
  }

  /// Forgets what is queued. What the thread is writing at this moment is still written.
  func removeAll() {
    lock.withLock {
      done &+= UInt64(pending.count)
      pending = []
      pendingBytes = 0
      progress.broadcast()
    }
  }

  /// Ends the thread after a last commit; waits for it, but not longer than the timeout.
  func stop(timeoutMilliseconds: Int) {
    let deadline = MonotonicClock.nanoseconds &+ UInt64(max(timeoutMilliseconds, 0)) &* 1_000_000
    lock.lock()
    defer { lock.unlock() }
    isStopping = true
    work.signal()
    // A report's closure that ends the process runs on the thread itself.
    if let thread, pthread_equal(thread, pthread_self()) != 0 { return }
    while isRunning, MonotonicClock.nanoseconds < deadline { progress.wait(lock, until: deadline) }
  }

  /// Results that were not even queued.
  var droppedCount: Int { lock.withLock { dropped } }

  // MARK: Fork

  func prepareFork() { lock.lock() }

  func finishFork(isChild: Bool) {
    if isChild {
      // The parent writes what it has queued; its thread does not exist here.
      pending = []
      pendingBytes = 0
      done = taken
      flushes = 0
      thread = nil
      isRunning = false
      work.forgetSleepers()
      progress.forgetSleepers()
    }
    lock.unlock()
  }

  // MARK: The thread

  /// With the lock held; false where the system has no thread for us.
  private func startThread() -> Bool {
    if isRunning { return true }
    isRunning = WorkerThread.start(stackSize: 512 << 10) { [self] in
      lock.withLock { thread = pthread_self() }
      run()
    }
    return isRunning
  }

  private func run() {
    var isEvicting = false
    var group: [PendingWrite] = []
    lock.lock()
    while true {
      while pending.isEmpty, !isStopping, !isEvicting { work.wait(lock) }
      if pending.isEmpty, isStopping { break }
      if !isEvicting { waitForGroup() }
      swap(&group, &pending)
      pendingBytes = 0
      // The queue has room again as soon as its contents are on their way.
      progress.broadcast()
      lock.unlock()
      isEvicting = disk.write(group) { lock.withLock { isStopping } }
      let count = group.count
      group.removeAll(keepingCapacity: count <= Self.groupEntries * 2)
      lock.lock()
      done &+= UInt64(count)
      progress.broadcast()
    }
    isRunning = false
    thread = nil
    progress.broadcast()
    lock.unlock()
  }

  private func waitForGroup() {
    let deadline = MonotonicClock.nanoseconds + Self.groupNanoseconds
    while pending.count < Self.groupEntries, pendingBytes < Self.groupBytes, flushes == 0, !isStopping,
      MonotonicClock.nanoseconds < deadline
    {
      work.wait(lock, until: deadline)
    }
  }
}
