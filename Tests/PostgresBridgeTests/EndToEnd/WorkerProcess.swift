import Foundation

/// The real `sibyl worker` as a process of its own, killed when this process ends.
///
/// Threads: one owns it.
final class WorkerProcess {
  let name: String
  private let worker: ChildProcess
  private let guardian: Guardian

  /// - Parameter cache: the file of its result cache; none by default, so that it computes.
  init(
    dsn: String, name: String, cache: String = "off", options: [String] = [],
    environment: [String: String] = [:]
  ) throws {
    self.name = name
    worker = try ChildProcess(
      BridgeProcess.command, ["worker", "--dsn", dsn, "--name", name] + options,
      environment: environment.merging(["SIBYL_CACHE": cache]) { $1 })
    guardian = try Guardian(of: worker.process)
  }

  var log: String { worker.errors }
  var isRunning: Bool { worker.isRunning }

  func send(_ signal: Int32) { worker.send(signal) }

  /// Ends it, and waits.
  @discardableResult func end(_ signal: Int32 = SIGINT) -> ChildProcess.Ending {
    send(signal)
    let ending = worker.end(within: 30)
    guardian.dismiss()
    return ending
  }
}
