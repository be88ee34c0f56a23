import Foundation
import PostgresTestSupport

/// A program that a test runs, with its output in files.
///
/// Threads: one owns it.
final class ChildProcess {
  struct Ending: Equatable {
    /// The exit status; that of a process which a signal ended is 128 and the signal's number.
    var status: Int32
    var output: String
    var errors: String
  }

  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  let process: pid_t
  private let folder: String
  private var ending: Int32?

  /// - Parameters:
  ///   - input: what the program reads from its standard input.
  ///   - mergesErrors: whether what it says on standard error goes into its output, in the order of time.
  ///   - environment: beside what the tests were started with.
  init(
    _ program: String, _ arguments: [String], input: String = "", mergesErrors: Bool = false,
    environment: [String: String] = [:]
  ) throws {
    folder = "/tmp/sibyl-child-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try Data(input.utf8).write(to: URL(filePath: folder + "/in"))
    #if canImport(Glibc)
      var actions = posix_spawn_file_actions_t()
      var attributes = posix_spawnattr_t()
    #else
      var actions: posix_spawn_file_actions_t?
      var attributes: posix_spawnattr_t?
    #endif
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, folder + "/in", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, folder + "/out", O_WRONLY | O_CREAT | O_APPEND, 0o600)
    if mergesErrors {
      posix_spawn_file_actions_adddup2(&actions, 1, 2)
    } else {
      posix_spawn_file_actions_addopen(&actions, 2, folder + "/err", O_WRONLY | O_CREAT | O_APPEND, 0o600)
    }
    // The threads that run tests block signals, and the child would inherit that.
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    // It must not hold other tests' pipes and connections open.
    #if canImport(Glibc)
      // Closing what is not open is no error to glibc.
      for descriptor in 3..<min(Int32(sysconf(Int32(_SC_OPEN_MAX))), 4_096) {
        posix_spawn_file_actions_addclose(&actions, descriptor)
      }
      let flags = POSIX_SPAWN_SETSIGMASK
    #else
      let flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_CLOEXEC_DEFAULT
    #endif
    posix_spawnattr_setflags(&attributes, Int16(flags))

    var variables = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("PG") }
    variables["LC_ALL"] = "C"
    for (name, value) in environment { variables[name] = value }
    var words = ([program] + arguments).map { strdup($0) } + [nil]
    var settings = variables.map { strdup("\($0)=\($1)") } + [nil]
    defer { (words + settings).forEach { free($0) } }
    var process: pid_t = 0
    let code = posix_spawn(&process, program, &actions, &attributes, &words, &settings)
    guard code == 0 else {
      throw Failure(description: "\(program) does not start: \(String(cString: strerror(code)))")
    }
    self.process = process
  }

  deinit {
    if ending == nil {
      kill(process, SIGKILL)
      _ = waitForEnd()
    }
    try? FileManager.default.removeItem(atPath: folder)
  }

  func send(_ signal: Int32) {
    if ending == nil { kill(process, signal) }
  }

  var isRunning: Bool {
    if ending != nil { return false }
    var status: Int32 = 0
    guard waitpid(process, &status, WNOHANG) == process else { return true }
    ending = status
    return false
  }

  /// What it has printed so far.
  var output: String { text("out") }
  var errors: String { text("err") }

  private func text(_ name: String) -> String {
    (try? Data(contentsOf: URL(filePath: folder + "/" + name))).map { String(decoding: $0, as: UTF8.self) }
      ?? ""
  }

  /// Waits until the program has ended. One that hangs is killed: a failure, not a test that never ends.
  func end(within seconds: Double = 120) -> Ending {
    if !eventually(within: seconds, { !isRunning }) { kill(process, SIGKILL) }
    let status = waitForEnd()
    let signal = status & 0x7F
    return Ending(
      status: signal == 0 ? (status >> 8) & 0xFF : 128 + signal, output: output, errors: errors)
  }

  private func waitForEnd() -> Int32 {
    if let ending { return ending }
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0 && errno == EINTR {}
    ending = status
    return status
  }
}

extension ChildProcess {
  /// psql from PATH, or the newest one that came with a server.
  static let psql: String = {
    let path = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map(String.init)
    let folders = [PostgresPrograms.folder ?? ""] + path
    return folders.map { $0 + "/psql" }.first { FileManager.default.isExecutableFile(atPath: $0) } ?? "psql"
  }()

  /// Runs psql without a user's settings.
  static func psql(
    _ dsn: String, _ options: [String], input: String = "", mergesErrors: Bool = false,
    environment: [String: String] = [:]
  ) throws -> ChildProcess {
    try ChildProcess(
      psql, ["-X", "-d", dsn] + options, input: input, mergesErrors: mergesErrors,
      environment: ["PGCLIENTENCODING": "UTF8", "PGCONNECT_TIMEOUT": "10"].merging(environment) { $1 })
  }
}

/// Waits until something is so; false where that takes too long.
func eventually(within seconds: Double = 30, _ isSo: () throws -> Bool) rethrows -> Bool {
  let end = ContinuousClock.now + .seconds(seconds)
  while true {
    if try isSo() { return true }
    if ContinuousClock.now > end { return false }
    usleep(10_000)
  }
}
