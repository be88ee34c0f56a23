import ArgumentParser
import CSQLite
import Functions
import Inference

/// `sibyl version`
struct VersionCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "version", abstract: "Print the versions of Sibyl, of its engine and of SQLite.")

  func run() {
    print("sibyl \(SibylVersion.current)")
    print("engine \(InferenceEngine.revision)")
    print("SQLite \(String(cString: sqlite3_libversion()))")
  }
}
