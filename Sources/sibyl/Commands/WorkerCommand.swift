import ArgumentParser
import CSQLite
import Diagnostics
import Logging
import PostgresBridge
import ResultCache
import Threads

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// `sibyl worker`
struct WorkerCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "worker",
    abstract: "Work on the jobs of a PostgreSQL database, together with its bridge and other workers.",
    usage: "sibyl worker --dsn postgresql://…",
    discussion: """
      Computes what sibyl.create_job and sibyl.create_column asked for, until it is stopped with Ctrl-C or SIGTERM. \
      Start as many as there are machines: they share the work through the database and need not know each other. A \
      worker listens nowhere and installs nothing; sibyl bridge has to have done that once.

      Connect as the role that sibyl bridge connects as. What a worker had begun when it died is done by another one as \
      soon as its lease has run out.
      """)

  @OptionGroup var database: BridgeCommand.DatabaseOption

  @Option(help: "Chunks of jobs to work on at once.")
  var jobWorkers = Worker.defaultThreads

  @Option(help: "How sibyl.jobs names this process; by default by the machine and the process's number.")
  var name: String?

  @Option(help: "The least severe messages to log: trace, debug, info, notice, warning, error.")
  var logLevel = "info"

  func validate() throws {
    guard Logger.Level(rawValue: logLevel) != nil else {
      throw ValidationError("--log-level takes trace, debug, info, notice, warning or error.")
    }
    guard (1...64).contains(jobWorkers) else {
      throw ValidationError("--job-workers takes a number from 1 to 64.")
    }
  }

  func run() throws {
    signal(SIGPIPE, SIG_IGN)
    let interruption = Interruption()
    interruption.listen()
    // Answers are kept in the user's result cache, as everywhere.
    guard csqlite_use_linked_library() != 0 else {
      throw ValidationError("This program's SQLite library could not be started.")
    }
    do throws(SibylError) {
      var logger = Logger(label: "sibyl.worker") { StreamLogHandler.standardError(label: $0) }
      logger.logLevel = Logger.Level(rawValue: logLevel) ?? .info
      var configuration = Worker.Configuration(dsn: try database.parse(), logger: logger)
      configuration.threads = jobWorkers
      configuration.name = name
      let worker = try Worker.start(configuration)
      while !interruption.isRequested { MonotonicClock.sleep(milliseconds: 50) }
      worker.stop()
      ResultCache.shared.flush()
    } catch {
      ResultCache.writeToStandardError("error: \(error.message)")
      throw ExitCode(1)
    }
  }
}
