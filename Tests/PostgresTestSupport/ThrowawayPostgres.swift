import Foundation
import PostgresClient
import Synchronization

/// A PostgreSQL server of its own for tests: a fresh data folder, a free port on loopback and a Unix socket
/// in a temporary folder. Trusts everyone, but for the users in `passwordUsers`, who need SCRAM.
///
/// It is stopped and removed when this process ends, however it ends: a small shell keeps it, and the shell's
/// standard input is a pipe whose other end only this process holds. Any thread may use it.
public final class ThrowawayPostgres: Sendable {
  /// One server that most tests share, each with databases of its own.
  public static let shared = Result { try ThrowawayPostgres(passwordUsers: ["password_user"]) }

  public struct Failure: Error, CustomStringConvertible {
    public let description: String
  }

  /// The folder of the Unix socket, the data and the log.
  public let folder: String
  public let port: Int
  private let keeper: Mutex<Keeper>
  private static let count = Atomic<Int>(0)

  public var logFile: String { folder + "/log" }

  /// Makes a cluster and starts its server.
  /// - Parameters:
  ///   - passwordUsers: users who must give a password over TCP.
  ///   - settings: lines of `postgresql.conf`.
  public init(passwordUsers: [String] = [], settings: [String] = []) throws {
    guard let programs = PostgresPrograms.folder else {
      throw Failure(description: PostgresPrograms.installHint)
    }
    // Not the temporary folder of the session: a socket's path may have about 100 bytes only.
    folder = "/tmp/sibyl-postgres-\(getpid())-\(Self.count.add(1, ordering: .relaxed).newValue)"
    port = try Self.freePort()
    let files = FileManager.default
    try files.createDirectory(atPath: folder, withIntermediateDirectories: false)
    // PostgreSQL refuses to run as root.
    let user = getuid() == 0 ? "postgres" : nil
    if let user {
      guard let entry = getpwnam(user) else { throw Failure(description: "there is no user \"\(user)\"") }
      chown(folder, entry.pointee.pw_uid, entry.pointee.pw_gid)
    }
    chmod(folder, 0o755)
    let access = passwordUsers.map { "host all \($0) all scram-sha-256" }
    let configuration =
      [
        "listen_addresses = '127.0.0.1'", "port = \(port)", "unix_socket_directories = '\(folder)'",
        "fsync = off", "synchronous_commit = off", "full_page_writes = off", "shared_buffers = '32MB'",
        "max_connections = 120", "lc_messages = 'C'", "log_statement = 'all'",
      ] + settings
    keeper = Mutex(
      try Keeper(
        programs: programs, folder: folder, user: user, access: access, configuration: configuration))
    try start()
  }

  /// A connection string for a database of this server.
  public func dsn(
    database: String = "postgres", user: String = "postgres", password: String? = nil, overTCP: Bool = false
  ) -> String {
    "host=\(overTCP ? "127.0.0.1" : folder) port=\(port) dbname=\(database) user=\(user)"
      + (password.map { " password=\($0)" } ?? "")
  }

  public func connect(
    database: String = "postgres", user: String = "postgres", password: String? = nil, overTCP: Bool = false
  ) throws -> PostgresConnection {
    try PostgresConnection(
      PostgresDSN(dsn(database: database, user: user, password: password, overTCP: overTCP)))
  }

  /// Makes an empty database and returns its name.
  public func makeDatabase(encoding: String = "UTF8") throws -> String {
    let name = "test_\(Self.count.add(1, ordering: .relaxed).newValue)"
    try connect().query(
      "CREATE DATABASE \(name) TEMPLATE template0 ENCODING '\(encoding)' LC_COLLATE 'C' LC_CTYPE 'C'")
    return name
  }

  public func start() throws { try keeper.withLock { try $0.command("start") } }
  /// Ends all sessions and stops the server; the data stays.
  public func stop() throws { try keeper.withLock { try $0.command("stop") } }
  public func restart() throws { try keeper.withLock { try $0.command("restart") } }

  /// What the server wrote into its log so far.
  public func log() throws -> String { try String(contentsOfFile: logFile, encoding: .utf8) }

  private static func freePort() throws -> Int {
    #if canImport(Glibc)
      let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    #else
      let descriptor = socket(AF_INET, SOCK_STREAM, 0)
    #endif
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let code = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, size) + getsockname(descriptor, $0, &size)
      }
    }
    guard code == 0 else { throw Failure(description: "there is no free port on 127.0.0.1") }
    return Int(UInt16(bigEndian: address.sin_port))
  }
}

/// The shell that holds the server.
private final class Keeper {
  private let process = Process()
  private let commands = Pipe()
  private let answers = Pipe()
  private let folder: String

  /// Signals from the keyboard are for the tests; what ends the server is the end of the tests.
  private static let script = """
    trap '' INT TERM HUP
    programs=$1; folder=$2; data=$2/data
    "$programs/initdb" -D "$data" -U postgres -A trust --no-sync -E UTF8 --locale=C >"$folder/log" 2>&1 \
      || echo "initdb failed"
    { printf '%s\\n' "$3"; cat "$data/pg_hba.conf"; } >"$data/pg_hba.new" \
      && mv "$data/pg_hba.new" "$data/pg_hba.conf"
    printf '%s\\n' "$4" >>"$data/postgresql.conf"
    while read -r command; do
      "$programs/pg_ctl" -D "$data" -l "$folder/log" -m fast -w "$command" >/dev/null 2>&1
      echo "$?"
    done
    "$programs/pg_ctl" -D "$data" -m immediate stop >/dev/null 2>&1
    rm -rf "$folder"
    """

  init(programs: String, folder: String, user: String?, access: [String], configuration: [String]) throws {
    self.folder = folder
    var words = [
      "/bin/sh", "-c", Self.script, "keeper", programs, folder, access.joined(separator: "\n"),
      configuration.joined(separator: "\n"),
    ]
    if let user {
      words = ["/usr/sbin/runuser", "-u", user, "--"] + words
    }
    process.executableURL = URL(filePath: words[0])
    process.arguments = Array(words.dropFirst())
    process.currentDirectoryURL = URL(filePath: folder)
    process.standardInput = commands
    process.standardOutput = answers
    // Programs that tests start later must not keep the pipe open.
    _ = fcntl(commands.fileHandleForWriting.fileDescriptor, F_SETFD, FD_CLOEXEC)
    try process.run()
  }

  func command(_ command: String) throws {
    try commands.fileHandleForWriting.write(contentsOf: Data((command + "\n").utf8))
    var answer = ""
    while !answer.hasSuffix("\n") {
      let data = answers.fileHandleForReading.availableData
      if data.isEmpty { break }
      answer += String(decoding: data, as: UTF8.self)
    }
    guard answer == "0\n" else {
      let log = (try? String(contentsOfFile: folder + "/log", encoding: .utf8)) ?? ""
      throw ThrowawayPostgres.Failure(
        description: "pg_ctl \(command) failed (\(answer)); the log ends with: \(log.suffix(2_000))")
    }
  }
}
