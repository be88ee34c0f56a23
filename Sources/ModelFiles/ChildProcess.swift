import Diagnostics

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Runs a program to its end. No shell is involved, so that nothing in an argument has a meaning of its own.
enum ChildProcess {
  struct Outcome {
    /// The exit status; 128 and the signal's number where a signal ended the program.
    let status: Int32
    /// The last 64 KiB of what the program wrote to its standard output and error.
    let output: String

    /// The lines that are not blank.
    var lines: [Substring] {
      output.split(whereSeparator: \.isNewline).filter { !$0.allSatisfy(\.isWhitespace) }
    }
  }

  private static let outputLimit = 1 << 16

  /// - Returns: nil where there is no such program.
  static func run(_ program: String, _ arguments: [String]) throws(SibylError) -> Outcome? {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { throw .system("make a pipe for", program, errno) }
    defer { close(ends[0]) }
    // Neither end may reach programs that other threads start meanwhile.
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }

    #if canImport(Darwin)
      var actions: posix_spawn_file_actions_t?
    #else
      var actions = posix_spawn_file_actions_t()
    #endif
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
    posix_spawn_file_actions_adddup2(&actions, ends[1], 2)

    var argumentPointers = ([program] + arguments).map { strdup($0) }
    defer { for pointer in argumentPointers { free(pointer) } }
    argumentPointers.append(nil)
    var process: pid_t = 0
    let code = posix_spawnp(&process, program, &actions, nil, argumentPointers, environ)
    close(ends[1])
    if code == ENOENT { return nil }
    guard code == 0 else { throw .system("run", program, code) }

    let output = readToEnd(ends[0])
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0 {
      guard errno == EINTR else { throw .system("wait for", program, errno) }
    }
    let signal = status & 0x7F
    return Outcome(
      status: signal == 0 ? (status >> 8) & 0xFF : 128 + signal,
      output: String(decoding: output, as: UTF8.self))
  }

  private static func readToEnd(_ descriptor: Int32) -> [UInt8] {
    var output: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 4_096)
    while true {
      let count = read(descriptor, &piece, piece.count)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return output }
      output += piece[..<count]
      if output.count > 2 * outputLimit { output.removeFirst(output.count - outputLimit) }
    }
  }
}
