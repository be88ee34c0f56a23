import Foundation

/// A folder of SQL scripts (`FOLDER/NAME.sql`), each with what it should print (`FOLDER/NAME.expected`).
public struct SQLScripts: Sendable {
  private let folder: String
  /// `FOLDER/NAME` of each script.
  public let names: [String]

  public init(folder: String) {
    self.folder = folder
    let files = FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []
    names = files.filter { $0.hasSuffix(".sql") }.map { String($0.dropLast(4)) }.sorted()
  }

  public func path(_ name: String) -> String { "\(folder)/\(name).sql" }

  /// What a script should print. With `SIBYL_RECORD_SQL=1` that is what it has printed now, which is written down.
  public func expected(_ name: String, recording found: String) throws -> String {
    let file = "\(folder)/\(name).expected"
    if ProcessInfo.processInfo.environment["SIBYL_RECORD_SQL"] == "1" {
      try found.write(toFile: file, atomically: true, encoding: .utf8)
    }
    return try String(contentsOfFile: file, encoding: .utf8)
  }
}
