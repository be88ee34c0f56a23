import ArgumentParser
import Functions

/// The command line.
@main
package struct Sibyl: ParsableCommand {
  package static let configuration = CommandConfiguration(
    commandName: "sibyl",
    abstract: "AI functions for SQLite, on this machine's own processor.",
    version: "sibyl \(SibylVersion.current)",
    subcommands: [
      RunCommand.self, ExplainCommand.self, EvalCommand.self, WatchCommand.self, BridgeCommand.self,
      WorkerCommand.self, FunctionsCommand.self, ModelsCommand.self, ClassifiersCommand.self,
      CacheCommand.self, TrainCommand.self, BenchmarkCommand.self, VersionCommand.self,
    ])

  package init() {}
}
