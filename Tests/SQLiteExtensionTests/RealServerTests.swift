import Foundation
import JSON
import ModelFiles
import TestSupport
import Testing

/// A server that others wrote: the one of llama-cpp-python, with SmolLM2 from the model store.
@Suite(
  "A real server",
  .enabled(
    if: RealServer.missing == nil,
    "SKIPPED: llama-cpp-python's server or smollm2 is not there; run: Benchmarks/peers/install.sh and make models"
  ))
struct RealServerTests {
  @Test func answersAndEmbeds() throws {
    let folder = try TemporaryFolder()
    let server = try RealServer(folder)
    defer { server.stop() }
    let access = try ServerModel.Access(timeout: 120, concurrency: 2)
    let store = ModelStore(root: folder["home/models"])
    try store.add(
      "gpt", server: ServerModel(address: server.address, model: "smollm2", access: access), kind: .decoder)
    let shell = SQLiteShell(
      environment: ["SIBYL_HOME": folder["home"], "SIBYL_CACHE": folder["cache.sqlite3"], "http_proxy": ""])
    let output = try shell.run(
      #"""
      SELECT length(ai_generate('Name the capital of France.', '{"model":"gpt","max_tokens":12}')) > 0;
      SELECT json_type(ai_extract('Anna lives in Oslo', '["name","city"]', '{"model":"gpt"}'));
      SELECT ai_classify('I was charged twice', '["billing","shipping"]', '{"model":"gpt"}') IN ('billing', 'shipping');
      SELECT ai_filter('I want my money back', 'asks for a refund', '{"model":"gpt"}') IN (0, 1);
      SELECT count(*), sum(length(answer) > 0) FROM (
        SELECT ai_generate('Say the number ' || value, '{"model":"gpt","max_tokens":4}') AS answer
        FROM json_each('[1,2,3,4]'));
      SELECT ai_generate(replace(hex(zeroblob(20000)), '0', 'word '), '{"model":"gpt"}');
      """#)
    #expect(output.text == "1\nobject\n1\n1\n4|4\n", "\(output.text) \(output.errors)")
    // The prompt is longer than the server's context.
    #expect(output.errors.contains("the server at 127.0.0.1"), "\(output.errors)")
    let second = try shell.run(
      #"SELECT length(ai_generate('Name the capital of France.', '{"model":"gpt","max_tokens":12}')) > 0;"#)
    #expect(second.text == "1\n")
  }
}

/// The server as a process.
private struct RealServer {
  private static let peers =
    ProcessInfo.processInfo.environment["SIBYL_PEERS"] ?? SQLiteShell.package + "/Benchmarks/peers/work"
  private static let python = peers + "/venv/bin/python"
  private static var weights: String? {
    let store = ModelStore()
    guard let model = try? store.model(named: "smollm2") else { return nil }
    return model.weightsPath
  }
  private static let environment = ProcessInfo.processInfo.environment.merging([
    "LLAMA_CPP_LIB_PATH": peers + "/llama.cpp/bin", "LD_LIBRARY_PATH": peers + "/llama.cpp/bin",
    "PYTHONPATH": peers + "/llama_cpp_python",
  ]) { $1 }

  /// What is not there; nil where the tests can run.
  static let missing: String? = {
    guard weights != nil else { return "smollm2" }
    guard FileManager.default.isExecutableFile(atPath: python) else { return python }
    let process = start(["-c", "import llama_cpp.server.app"])
    process?.waitUntilExit()
    return process?.terminationStatus == 0 ? nil : "llama_cpp.server"
  }()

  let address: String
  private let process: Process

  /// Starts it, and waits until it listens, a minute at most.
  init(_ folder: TemporaryFolder) throws {
    // A port that was free just now.
    let probe = try LoopbackServer { _ in .close }
    let port = probe.port
    probe.stop()
    address = "http://127.0.0.1:\(port)"
    let process = Self.start([
      "-m", "llama_cpp.server", "--model", Self.weights ?? "", "--host", "127.0.0.1", "--port", "\(port)",
      "--n_ctx",
      "1024", "--verbose", "False",
    ])
    guard let process else { throw SQLiteShell.Unavailable(reason: "the server does not start") }
    self.process = process
    for _ in 0..<600 {
      if LoopbackServer.isListening(port: port) { return }
      guard process.isRunning else { break }
      usleep(100_000)
    }
    kill(process.processIdentifier, SIGKILL)
    throw SQLiteShell.Unavailable(reason: "the server does not listen")
  }

  func stop() {
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
  }

  private static func start(_ arguments: [String]) -> Process? {
    let process = Process()
    process.executableURL = URL(filePath: python)
    process.arguments = arguments
    process.environment = environment
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    do { try process.run() } catch { return nil }
    return process
  }
}
