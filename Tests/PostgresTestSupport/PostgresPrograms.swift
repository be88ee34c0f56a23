import Foundation

/// Where PostgreSQL's programs are.
public enum PostgresPrograms {
  /// The folder of `initdb` and `pg_ctl`, the newest version's; nil where no server is installed.
  public static let folder: String? = {
    let files = FileManager.default
    func hasServer(_ folder: String) -> Bool {
      ["initdb", "pg_ctl", "postgres"].allSatisfy { files.isExecutableFile(atPath: "\(folder)/\($0)") }
    }
    // Debian; Red Hat; Homebrew. Each keeps a folder a version.
    for (parent, prefix) in [
      ("/usr/lib/postgresql", ""), ("/usr", "pgsql-"), ("/opt/homebrew/opt", "postgresql"),
      ("/usr/local/opt", "postgresql"),
    ] {
      let versions = ((try? files.contentsOfDirectory(atPath: parent)) ?? [])
        .filter { $0.hasPrefix(prefix) }
        .sorted { $0.compare($1, options: .numeric) == .orderedDescending }
      for version in versions where hasServer("\(parent)/\(version)/bin") {
        return "\(parent)/\(version)/bin"
      }
    }
    let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
    return path.split(separator: ":").map(String.init).first(where: hasServer)
  }()

  /// Whether tests can start a server of their own.
  public static var areInstalled: Bool { folder != nil }

  /// What a skipped test says.
  public static let installHint =
    "needs a PostgreSQL server's programs; on Debian: apt-get install postgresql"
}
