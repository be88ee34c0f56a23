import Foundation

/// One run of the real command line, `SIBYL_COMMAND` or build/sibyl, as a process of its own.
struct CommandRun {
  var status: Int32
  var output: String
  var errors: String

  /// The package's folder.
  static let package = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().path

  static let command = ProcessInfo.processInfo.environment["SIBYL_COMMAND"] ?? package + "/build/sibyl"

  struct Unavailable: Error, CustomStringConvertible {
    var description: String { "\(CommandRun.command) is missing; run: make build" }
  }

  /// Runs to the end.
  init(_ arguments: String..., input: String = "", in folder: TestFolder, environment: [String: String] = [:])
    throws
  {
    let started = try Started(arguments, input: input, in: folder, environment: environment)
    self = try started.end()
  }

  private init(status: Int32, output: String, errors: String) {
    self.status = status
    self.output = output
    self.errors = errors
  }

  /// A run that goes on.
  struct Started {
    let process: Process
    private let files: [URL]

    init(
      _ arguments: [String], input: String = "", in folder: TestFolder, environment: [String: String] = [:]
    ) throws {
      guard FileManager.default.isExecutableFile(atPath: CommandRun.command) else { throw Unavailable() }
      process = Process()
      process.executableURL = URL(filePath: CommandRun.command)
      process.arguments = arguments
      var variables = ProcessInfo.processInfo.environment
      variables["SIBYL_CACHE"] = folder["cache.sqlite3"]
      for (name, value) in environment { variables[name] = value }
      process.environment = variables
      process.currentDirectoryURL = URL(filePath: folder.path)
      // Files, not pipes: neither side can block on the other.
      let run = UUID().uuidString
      files = try ["in", "out", "err"].map { name in
        let file = URL(filePath: folder["\(run).\(name)"])
        try Data(name == "in" ? Array(input.utf8) : []).write(to: file)
        return file
      }
      process.standardInput = try FileHandle(forReadingFrom: files[0])
      process.standardOutput = try FileHandle(forWritingTo: files[1])
      process.standardError = try FileHandle(forWritingTo: files[2])
      try process.run()
    }

    func end() throws -> CommandRun {
      process.waitUntilExit()
      return CommandRun(
        status: process.terminationStatus,
        output: String(decoding: try Data(contentsOf: files[1]), as: UTF8.self),
        errors: String(decoding: try Data(contentsOf: files[2]), as: UTF8.self))
    }
  }
}

/// A folder that lives as long as a test.
final class TestFolder {
  let path: String

  init() throws {
    path = FileManager.default.temporaryDirectory.appending(path: "sibyl-test-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  subscript(name: String) -> String { path + "/" + name }

  func write(_ text: String, to name: String) throws {
    try Data(text.utf8).write(to: URL(filePath: self[name]))
  }
}
