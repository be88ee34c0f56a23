import Foundation

/// The real `sibyl bridge` as a process of its own: `SIBYL_COMMAND` or build/sibyl. It is killed when this
/// process ends, however it ends.
///
/// Threads: one owns it; `process` and `port` may be read by any.
final class BridgeProcess {
  /// The package's folder.
  static let package = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().path

  static let command = ProcessInfo.processInfo.environment["SIBYL_COMMAND"] ?? package + "/build/sibyl"

  private let bridge: ChildProcess
  private let guardian: Guardian
  /// Where it listens on 127.0.0.1; 0 for one with a Unix socket.
  let port: Int

  /// Starts a bridge and waits until it serves.
  /// - Parameters:
  ///   - dsn: the database in which it installs the functions.
  ///   - cache: the file of its result cache.
  ///   - listen: where it listens, in the words of `--listen`.
  init(
    dsn: String, cache: String, listen: String = "127.0.0.1:0", options: [String] = [],
    environment: [String: String] = [:]
  ) throws {
    bridge = try ChildProcess(
      Self.command, ["bridge", "--dsn", dsn, "--listen", listen] + options,
      environment: environment.merging(["SIBYL_CACHE": cache]) { $1 })
    guardian = try Guardian(of: bridge.process)
    let bridge = bridge
    let isServing = eventually(within: 60) { bridge.errors.contains("serving") || !bridge.isRunning }
    guard isServing, bridge.isRunning else {
      throw ChildProcess.Failure(description: "the bridge does not serve: \(bridge.errors)")
    }
    port = bridge.errors.firstMatch(of: #/127\.0\.0\.1:(\d+)/#).flatMap { Int($0.output.1) } ?? 0
  }

  var process: pid_t { bridge.process }
  var log: String { bridge.errors }
  var isRunning: Bool { bridge.isRunning }

  func send(_ signal: Int32) { bridge.send(signal) }

  /// Ends it without a word, as a crash would.
  func kill() { _ = end(SIGKILL) }

  /// Ends it as Ctrl-C does, and waits.
  @discardableResult func end(_ signal: Int32 = SIGINT) -> ChildProcess.Ending {
    send(signal)
    let ending = bridge.end(within: 30)
    guardian.dismiss()
    return ending
  }
}
