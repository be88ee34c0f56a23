import ArgumentParser
import CSQLite
import Diagnostics
import Logging
import ResultCache
import Threads

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// What the commands share that serve until they are stopped.
struct ServiceOptions: ParsableArguments {
  @Option(help: "The least severe messages to log: trace, debug, info, notice, warning, error.")
  var logLevel = "info"

  func validate() throws {
    guard Logger.Level(rawValue: logLevel) != nil else {
      throw ValidationError("--log-level takes trace, debug, info, notice, warning or error.")
    }
  }

  func logger(_ label: String) -> Logger {
    var logger = Logger(label: label) { StreamLogHandler.standardError(label: $0) }
    logger.logLevel = Logger.Level(rawValue: logLevel) ?? .info
    return logger
  }

  /// Serves until Ctrl-C or SIGTERM.
  ///
  /// - Parameter start: begins to serve, and returns what ends it.
  func run(_ start: () throws(SibylError) -> () -> Void) throws {
    signal(SIGPIPE, SIG_IGN)
    let interruption = Interruption()
    interruption.listen()
    // Answers are kept in the user's result cache, as everywhere.
    guard csqlite_use_linked_library() != 0 else {
      throw ValidationError("This program's SQLite library could not be started.")
    }
    do throws(SibylError) {
      let stop = try start()
      while !interruption.isRequested { MonotonicClock.sleep(milliseconds: 50) }
      stop()
      ResultCache.shared.flush()
    } catch {
      ResultCache.writeToStandardError("error: \(error.message)")
      throw ExitCode(1)
    }
  }
}
