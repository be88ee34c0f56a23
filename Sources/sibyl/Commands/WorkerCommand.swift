import ArgumentParser
import Diagnostics
import PostgresBridge

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

  @OptionGroup var service: ServiceOptions

  func validate() throws {
    guard (1...64).contains(jobWorkers) else {
      throw ValidationError("--job-workers takes a number from 1 to 64.")
    }
  }

  func run() throws {
    try service.run { () throws(SibylError) in
      var configuration = Worker.Configuration(
        dsn: try database.parse(), logger: service.logger("sibyl.worker"))
      configuration.threads = jobWorkers
      configuration.name = name
      let worker = try Worker.start(configuration)
      return { worker.stop() }
    }
  }
}
