import ArgumentParser
import CSQLite
import JSON
import ResultCache

/// `sibyl cache`: what the result cache holds, and how to empty it.
struct CacheCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cache",
    abstract: "Shows or empties the cache of computed results.",
    discussion: """
      Every computed result is kept in one file, shared by all your programs that use Sibyl, so that nothing is \
      computed twice and a bulk job that was stopped goes on where it was. SIBYL_CACHE sets the file ('off' for \
      none), SIBYL_CACHE_SIZE its size in MiB.
      """,
    subcommands: [Stats.self, Clear.self, Path.self],
    defaultSubcommand: Stats.self)

  /// The cache that the environment names; without this program's own SQLite it could not open its file.
  private static func open() throws -> ResultCache {
    guard csqlite_use_linked_library() != 0 else {
      throw ValidationError("This program's SQLite library could not be started.")
    }
    // Problems are told by the command itself, not on standard error besides.
    return ResultCache(configuration: .fromEnvironment(), report: { _ in })
  }

  struct Stats: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Shows the cache's file, entries and size.")

    @Flag(help: "Print one JSON object.")
    var json = false

    func run() throws {
      let statistics = try CacheCommand.open().statistics()
      print(json ? CacheCommand.json(statistics).serialized() : CacheCommand.text(statistics))
    }
  }

  struct Clear: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Forgets all results. Programs that use the cache may go on running.")

    func run() throws {
      let cache = try CacheCommand.open()
      guard let path = cache.configuration.path else {
        print("The cache is off (SIBYL_CACHE); there is nothing to clear.")
        return
      }
      let before = cache.statistics().diskEntries
      try cache.clear()
      print("Removed \(before) \(before == 1 ? "result" : "results") from \(path).")
    }
  }

  struct Path: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Prints the cache's file, for scripts; nothing where the cache is off.")

    func run() throws {
      guard let path = CacheConfiguration.fromEnvironment().path else { throw ExitCode.failure }
      print(path)
    }
  }

  private static func text(_ statistics: CacheStatistics) -> String {
    guard let path = statistics.path else { return "The cache is off (SIBYL_CACHE)." }
    var lines = [
      "file     \(path)", "entries  \(statistics.diskEntries)",
      "size     \(mebibytes(statistics.diskBytes)) MiB",
      "limit    \(mebibytes(CacheConfiguration.fromEnvironment().diskLimit)) MiB",
    ]
    if let problem = statistics.problem { lines.append("problem  \(problem.message)") }
    return lines.joined(separator: "\n")
  }

  /// With one decimal place.
  private static func mebibytes(_ bytes: Int) -> String {
    let tenths = bytes / (1 << 20) * 10 + bytes % (1 << 20) * 10 / (1 << 20)
    return "\(tenths / 10).\(tenths % 10)"
  }

  private static func json(_ statistics: CacheStatistics) -> JSON {
    [
      "file": statistics.path.map { .string($0) } ?? .null,
      "state": .string(statistics.fileState.rawValue),
      "entries": .integer(Int64(statistics.diskEntries)),
      "bytes": .integer(Int64(statistics.diskBytes)),
      "limit_bytes": .integer(Int64(CacheConfiguration.fromEnvironment().diskLimit)),
      "problem": statistics.problem.map { .string($0.message) } ?? .null,
    ]
  }
}
