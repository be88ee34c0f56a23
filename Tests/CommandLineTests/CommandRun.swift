import Foundation
import TestSupport

/// One run of the real command line, `SIBYL_COMMAND` or build/sibyl, as a process of its own.
struct CommandRun {
  /// The exit status; that of a process which a signal ended is 128 and the signal's number.
  var status: Int32
  var output: String
  var errors: String

  /// The package's folder.
  static let package = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().path

  static let command = ProcessInfo.processInfo.environment["SIBYL_COMMAND"] ?? package + "/build/sibyl"

  struct Unavailable: Error, CustomStringConvertible {
    let description: String
  }

  /// Runs to the end.
  init(
    _ arguments: String..., input: String = "", in folder: TemporaryFolder,
    environment: [String: String] = [:]
  ) throws {
    self = try Started(arguments, input: input, in: folder, environment: environment).end()
  }

  private init(status: Int32, output: String, errors: String) {
    self.status = status
    self.output = output
    self.errors = errors
  }

  /// A run that goes on.
  struct Started {
    let process: pid_t
    private let files: [String]

    /// - Parameter program: another program than the command line.
    init(
      _ arguments: [String], program: String = CommandRun.command, input: String = "",
      in folder: TemporaryFolder,
      environment: [String: String] = [:]
    ) throws {
      guard FileManager.default.isExecutableFile(atPath: CommandRun.command) else {
        throw Unavailable(description: "\(CommandRun.command) is missing; run: make build")
      }
      var variables = ProcessInfo.processInfo.environment
      variables["SIBYL_CACHE"] = folder["cache.sqlite3"]
      variables["SIBYL_COMMAND"] = CommandRun.command
      for (name, value) in environment { variables[name] = value }

      // Files, not pipes: neither side can block on the other.
      let run = UUID().uuidString
      files = ["in", "out", "err"].map { folder["\(run).\($0)"] }
      try Data(input.utf8).write(to: URL(filePath: files[0]))

      #if canImport(Glibc)
        var actions = posix_spawn_file_actions_t()
      #else
        var actions: posix_spawn_file_actions_t?
      #endif
      posix_spawn_file_actions_init(&actions)
      defer { posix_spawn_file_actions_destroy(&actions) }
      posix_spawn_file_actions_addopen(&actions, 0, files[0], O_RDONLY, 0)
      posix_spawn_file_actions_addopen(&actions, 1, files[1], O_WRONLY | O_CREAT, 0o600)
      posix_spawn_file_actions_addopen(&actions, 2, files[2], O_WRONLY | O_CREAT, 0o600)
      // The shell changes the folder and becomes the program.
      let shell = ["/bin/sh", "-c", "cd \"$0\" && exec \"$@\"", folder.path, program]
      var words = (shell + arguments).map { strdup($0) } + [nil]
      var settings = variables.map { strdup("\($0)=\($1)") } + [nil]
      defer { (words + settings).forEach { free($0) } }
      var process: pid_t = 0
      let status = posix_spawn(&process, shell[0], &actions, nil, &words, &settings)
      guard status == 0 else {
        throw Unavailable(description: "\(program) does not start: \(String(cString: strerror(status)))")
      }
      self.process = process
    }

    func end() throws -> CommandRun {
      var status: Int32 = 0
      while waitpid(process, &status, 0) < 0 && errno == EINTR {}
      let signal = status & 0x7F
      return CommandRun(
        status: signal == 0 ? (status >> 8) & 0xFF : 128 + signal,
        output: String(decoding: try Data(contentsOf: URL(filePath: files[1])), as: UTF8.self),
        errors: String(decoding: try Data(contentsOf: URL(filePath: files[2])), as: UTF8.self))
    }
  }
}
