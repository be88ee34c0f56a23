#if os(Linux)
  import Foundation

  /// A process that runs one of the parts in `HelperProcessParts`: the test program itself, started again.
  struct HelperProcess {
    let process = Process()
    private let output = Pipe()

    init(_ part: String, _ path: String, environment: [String: String] = [:]) throws {
      var variables = ProcessInfo.processInfo.environment
      variables.merge(environment) { _, new in new }
      variables["SIBYL_TEST_PART"] = part
      variables["SIBYL_TEST_PATH"] = path
      process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
      process.arguments = ["--testing-library", "swift-testing", "--filter", "HelperProcessParts"]
      process.environment = variables
      process.standardOutput = output
      process.standardError = output
      try process.run()
    }

    /// Waits for a line that the part prints; the lines before it are dropped. False at the end of output.
    func wait(for line: String) -> Bool {
      var text = ""
      while !text.contains(line) {
        let data = output.fileHandleForReading.availableData
        if data.isEmpty { return false }
        text += String(decoding: data, as: UTF8.self)
      }
      return true
    }

    /// All output until the process ends, and its exit status (negative for a signal).
    func finish() -> (output: String, status: Int32) {
      let data = output.fileHandleForReading.readDataToEndOfFile()
      process.waitUntilExit()
      let status = process.terminationStatus
      return (
        String(decoding: data, as: UTF8.self), process.terminationReason == .exit ? status : -status
      )
    }
  }
#endif
