import Foundation
import sibyl

/// A file that lives as long as the value.
final class TemporaryFile {
  let path: String

  init(_ contents: some Sequence<UInt8> = []) throws {
    path =
      FileManager.default.temporaryDirectory.appendingPathComponent("sibyl-test-\(UUID().uuidString).csv")
      .path
    try Data(contents).write(to: URL(fileURLWithPath: path))
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  var contents: String {
    get throws { String(decoding: try Data(contentsOf: URL(fileURLWithPath: path)), as: UTF8.self) }
  }

  /// Opens the file for writing, lets `body` write, and returns what it wrote.
  static func written(by body: (ByteOutput) throws -> Void) throws -> String {
    let file = try TemporaryFile()
    let descriptor = open(file.path, O_WRONLY)
    defer { close(descriptor) }
    let output = ByteOutput(descriptor: descriptor)
    try body(output)
    try output.flush()
    return try file.contents
  }

  /// Opens the file for reading.
  func reading<Result>(_ body: (Int32) throws -> Result) rethrows -> Result {
    let descriptor = open(path, O_RDONLY)
    defer { close(descriptor) }
    return try body(descriptor)
  }
}
