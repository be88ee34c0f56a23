import Foundation

/// One run of the real psql.
struct Psql {
  var status: Int32
  var output: String
  var errors: String

  /// psql from PATH, or where Debian and others put it.
  static let path: String? = {
    let folders =
      (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map(String.init)
      + ["/usr/lib/postgresql", "/opt/homebrew/opt", "/usr/local/opt"].flatMap { parent in
        ((try? FileManager.default.contentsOfDirectory(atPath: parent)) ?? []).map { "\(parent)/\($0)/bin" }
      }
    return folders.map { $0 + "/psql" }.first { FileManager.default.isExecutableFile(atPath: $0) }
  }()

  static let isInstalled: Bool = {
    if path == nil { print("SKIPPED: psql is not installed, tests with it are left out") }
    return path != nil
  }()

  struct Unavailable: Error {}

  /// A run that goes on.
  final class Started {
    let process: pid_t
    private let folder: URL

    init(_ arguments: [String], environment: [String: String]) throws {
      guard let psql = Psql.path else { throw Unavailable() }
      folder = FileManager.default.temporaryDirectory.appending(path: "psql-\(UUID().uuidString)")
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      #if canImport(Glibc)
        var actions = posix_spawn_file_actions_t()
      #else
        var actions: posix_spawn_file_actions_t?
      #endif
      posix_spawn_file_actions_init(&actions)
      defer { posix_spawn_file_actions_destroy(&actions) }
      posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
      for (number, name) in [(1, "out"), (2, "err")] {
        posix_spawn_file_actions_addopen(
          &actions, Int32(number), folder.appending(path: name).path, O_WRONLY | O_CREAT, 0o600)
      }
      // The threads that run tests block signals, and the child would inherit that.
      #if canImport(Glibc)
        var attributes = posix_spawnattr_t()
      #else
        var attributes: posix_spawnattr_t?
      #endif
      posix_spawnattr_init(&attributes)
      defer { posix_spawnattr_destroy(&attributes) }
      var none = sigset_t()
      sigemptyset(&none)
      posix_spawnattr_setsigmask(&attributes, &none)
      posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
      var variables = [
        "PATH": "/usr/bin:/bin", "LC_ALL": "C", "HOME": folder.path, "PGCLIENTENCODING": "UTF8",
      ]
      for (name, value) in environment { variables[name] = value }
      var words = ([psql, "-X", "-At"] + arguments).map { strdup($0) } + [nil]
      var settings = variables.map { strdup("\($0)=\($1)") } + [nil]
      defer { (words + settings).forEach { free($0) } }
      var process: pid_t = 0
      guard posix_spawn(&process, psql, &actions, &attributes, &words, &settings) == 0 else {
        throw Unavailable()
      }
      self.process = process
    }

    func end() throws -> Psql {
      defer { try? FileManager.default.removeItem(at: folder) }
      var status: Int32 = 0
      // A psql that hangs is a failure, not a test that never ends.
      let ended = eventually { waitpid(process, &status, WNOHANG) == process }
      if !ended {
        kill(process, SIGKILL)
        waitpid(process, &status, 0)
      }
      func text(_ name: String) throws -> String {
        String(decoding: try Data(contentsOf: folder.appending(path: name)), as: UTF8.self)
      }
      return Psql(status: (status >> 8) & 0xFF, output: try text("out"), errors: try text("err"))
    }
  }

  /// Runs commands (`-c` each) to the end.
  static func run(
    _ commands: String..., port: Int, host: String = "127.0.0.1", password: String = TestServer.password,
    user: String = TestServer.user, options: [String] = [], environment: [String: String] = [:]
  ) throws -> Psql {
    try start(
      commands, port: port, host: host, password: password, user: user, options: options,
      environment: environment
    ).end()
  }

  static func start(
    _ commands: [String], port: Int, host: String = "127.0.0.1", password: String = TestServer.password,
    user: String = TestServer.user, options: [String] = [], environment: [String: String] = [:]
  ) throws -> Started {
    var variables = ["PGPASSWORD": password, "PGCONNECT_TIMEOUT": "10"]
    for (name, value) in environment { variables[name] = value }
    return try Started(
      ["-h", host, "-p", String(port), "-U", user, "-d", "sibyl"] + options
        + commands.flatMap { ["-c", $0] },
      environment: variables)
  }
}
