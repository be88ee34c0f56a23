import Foundation
import TestSupport
import Testing

/// The stock `sqlite3` shell with the real extension, as a user starts it: each run is a process of its own.
struct SQLiteShell {
  struct Output: Equatable {
    var text: String
    var errors: String
    var status: Int32
  }

  /// What the process sees beside the environment of the tests; empty values unset.
  var environment: [String: String] = [:]
  var database = ":memory:"
  /// Commands of the system's shell to run first, in the same process: limits that the shell inherits.
  var preparation = "true"

  /// The package's folder.
  static let package = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().path

  /// The extension without its suffix, as `.load` takes it: `SIBYL_EXTENSION`, or build/sibyl.
  static var library: String {
    let path = ProcessInfo.processInfo.environment["SIBYL_EXTENSION"] ?? package + "/build/sibyl.so"
    return path.hasSuffix(".so") ? String(path.dropLast(3)) : path
  }

  /// Why the tests can't run; nil where they can.
  static func missing() -> String? {
    if !FileManager.default.fileExists(atPath: library + ".so") {
      return "\(library).so is missing; run: make build"
    }
    if StockShell.path == nil { return "there is no sqlite3 shell; run: make setup" }
    return nil
  }

  /// Runs statements or dot-commands, with the extension loaded.
  func run(_ input: String, loads: Bool = true) throws -> Output {
    if let missing = Self.missing() { throw Unavailable(reason: missing) }
    let process = Process()
    process.executableURL = URL(filePath: "/bin/sh")
    process.arguments = [
      "-c", "\(preparation); exec \"$0\" -batch -init /dev/null \"$1\"", StockShell.path ?? "", database,
    ]
    var variables = ProcessInfo.processInfo.environment
    for (name, value) in environment { variables[name] = value.isEmpty ? nil : value }
    process.environment = variables
    process.currentDirectoryURL = URL(filePath: Self.package)
    let scratch = FileManager.default.temporaryDirectory.appending(path: "sibyl-shell-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: scratch, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: scratch) }
    // Files, not pipes: neither side can block on the other. And a script to read, because the shell stops at
    // the first error of its standard input.
    let script = scratch.appending(path: "script")
    try Data(((loads ? ".load \(Self.library)\n" : "") + input + "\n").utf8).write(to: script)
    let files = try ["in", "out", "err"].map { name in
      let file = scratch.appending(path: name)
      try Data((name == "in" ? ".read \(script.path)\n" : "").utf8).write(to: file)
      return file
    }
    process.standardInput = try FileHandle(forReadingFrom: files[0])
    process.standardOutput = try FileHandle(forWritingTo: files[1])
    process.standardError = try FileHandle(forWritingTo: files[2])
    try process.run()
    process.waitUntilExit()
    return Output(
      text: String(decoding: try Data(contentsOf: files[1]), as: UTF8.self),
      errors: String(decoding: try Data(contentsOf: files[2]), as: UTF8.self),
      status: process.terminationStatus)
  }

  struct Unavailable: Error, CustomStringConvertible {
    let reason: String
    var description: String { reason }
  }
}
