import Foundation

/// Kills a child process when this process ends, however it ends: a shell whose standard input is a pipe.
///
/// Threads: one owns it.
final class Guardian {
  private let shell = Process()
  private let input = Pipe()

  init(of process: pid_t) throws {
    shell.executableURL = URL(filePath: "/bin/sh")
    shell.arguments = ["-c", "trap '' INT TERM HUP; read line || kill -9 \(process) 2>/dev/null"]
    shell.standardInput = input
    // Programs that are started later must not keep the pipe open.
    _ = fcntl(input.fileHandleForWriting.fileDescriptor, F_SETFD, FD_CLOEXEC)
    try shell.run()
  }

  deinit { dismiss() }

  /// The process has ended, and its number may be another's.
  func dismiss() {
    try? input.fileHandleForWriting.write(contentsOf: Data("\n".utf8))
    try? input.fileHandleForWriting.close()
  }
}
