import Foundation

/// The stock `sqlite3` shell of this machine.
public enum StockShell {
  /// Its path; nil where there is none: run make setup.
  public static let path = [
    "/usr/bin/sqlite3", "/usr/local/bin/sqlite3", "/opt/homebrew/opt/sqlite/bin/sqlite3",
  ].first { FileManager.default.isExecutableFile(atPath: $0) }
}
