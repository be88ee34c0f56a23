import Foundation

/// The processor time of another process, for figures that tests print. Linux only.
enum ProcessorTime {
  /// Nanoseconds that all threads of a process have run for; nil where the system does not tell.
  static func nanoseconds(of process: pid_t) -> UInt64? {
    let tasks = "/proc/\(process)/task"
    guard let threads = try? FileManager.default.contentsOfDirectory(atPath: tasks) else { return nil }
    return threads.reduce(0) { sum, thread in
      let file = open("\(tasks)/\(thread)/schedstat", O_RDONLY)
      guard file >= 0 else { return sum }
      defer { close(file) }
      var buffer = [UInt8](repeating: 0, count: 64)
      let count = max(read(file, &buffer, buffer.count), 0)
      return sum + (UInt64(String(decoding: buffer[..<count].prefix { $0 != 32 }, as: UTF8.self)) ?? 0)
    }
  }

  /// How long a process went on working: the last moment, after `start`, at which it used more than a fifth of a
  /// core, seen for a second. Nil where the system does not tell.
  static func milliseconds(untilIdle process: pid_t, since start: ContinuousClock.Instant) -> Double? {
    guard var last = nanoseconds(of: process) else { return nil }
    var lastTime = ContinuousClock.now
    var end = start
    while start.duration(to: .now) < .seconds(1) {
      usleep(5_000)
      guard let used = nanoseconds(of: process) else { return nil }
      let now = ContinuousClock.now
      // A thread that has ended takes its time with it.
      let share = Double(max(used, last) - last) / 1e9 / (lastTime.duration(to: now) / .seconds(1))
      if share > 0.2 { end = now }
      last = used
      lastTime = now
    }
    return start.duration(to: end) / .milliseconds(1)
  }
}
