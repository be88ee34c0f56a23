import ArgumentParser
import CSQLite
import Diagnostics
import Logging
import PostgresBridge
import PostgresClient
import PostgresWire
import ResultCache
import Threads

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// `sibyl bridge`
struct BridgeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bridge",
    abstract: "Bring the AI functions into a PostgreSQL database, and serve them.",
    usage: "sibyl bridge --dsn postgresql://…",
    discussion: """
      Installs or upgrades the functions in the database (schema sibyl for its own things, ai_* in the schema \
      of your choice), then answers their calls until it is stopped with Ctrl-C or SIGTERM. Nothing is loaded \
      into the database server: it calls this process with its own dblink extension.

      The database's user must be able to create schemas and functions there; where dblink is not installed yet, \
      it takes an administrator once. Other users then call the functions without further rights.
      """,
    subcommands: [Serve.self, Uninstall.self],
    defaultSubcommand: Serve.self)

  /// Where the database is.
  struct DatabaseOption: ParsableArguments {
    @Option(
      help: ArgumentHelp(
        "The database, as a postgresql:// address or as \"host=… dbname=…\"; otherwise SIBYL_DSN, or the PG* "
          + "variables that psql reads.", valueName: "address"))
    var dsn: String?

    func parse() throws(SibylError) -> PostgresDSN {
      do throws(PostgresError) {
        return try PostgresDSN(dsn ?? Environment["SIBYL_DSN"] ?? "")
      } catch { throw error.error }
    }
  }

  struct Serve: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Install or upgrade the functions, and serve (what sibyl bridge does by itself).")

    @OptionGroup var database: DatabaseOption

    @Option(help: "The schema for the ai_* functions.")
    var schema = "public"

    @Option(
      help: ArgumentHelp(
        "Where to listen: HOST:PORT, or a folder for a Unix socket; the first is what the database calls. "
          + "Other addresses than this machine's own need TLS.", valueName: "address"))
    var listen: [String] = ["127.0.0.1:\(Bridge.defaultPort)"]

    @Option(help: "The host name under which the database reaches this machine, where that differs.")
    var advertise: String?

    @Option(help: "The certificate for TLS, a PEM file.")
    var tlsCertificate: String?

    @Option(help: "Its private key, a PEM file.")
    var tlsKey: String?

    @Option(help: "Seconds that one call may take.")
    var callTimeout = BridgeLimits().callSeconds

    @Option(help: "Calls that may wait for their turn; more are refused.")
    var maxWaiting = BridgeLimits().waitingCalls

    @Option(help: "Bytes of the longest text.")
    var maxText = BridgeLimits().textBytes

    @Option(help: "Elements of the longest array.")
    var maxArray = BridgeLimits().arrayElements

    @Option(help: "Sessions at the same time.")
    var maxSessions = 200

    @Option(help: "Chunks of jobs to work on at once, beside the calls; 0 to leave jobs to others.")
    var jobWorkers = Worker.defaultThreads

    @Option(help: "MiB to which the database's cache table is trimmed.")
    var cacheSize = 1024

    @Option(help: "Seconds that running calls get to finish when the bridge is stopped.")
    var grace = 5.0

    @OptionGroup var service: ServiceOptions

    func validate() throws {
      guard (tlsCertificate == nil) == (tlsKey == nil) else {
        throw ValidationError("--tls-certificate and --tls-key go together.")
      }
      for (value, name) in [
        (maxWaiting, "--max-waiting"), (maxText, "--max-text"), (maxArray, "--max-array"),
        (maxSessions, "--max-sessions"), (cacheSize, "--cache-size"),
      ] where value < 1 || value > 1 << 30 {
        throw ValidationError("\(name) takes a number from 1 to \(1 << 30).")
      }
      guard (0...64).contains(jobWorkers) else {
        throw ValidationError("--job-workers takes a number from 0 to 64.")
      }
      guard callTimeout > 0, callTimeout <= 86_400, grace >= 0, grace <= 3_600 else {
        throw ValidationError("--call-timeout takes up to 86400 seconds, --grace up to 3600.")
      }
      for address in listen { _ = try Self.endpoint(address) }
    }

    func run() throws {
      try service.run { () throws(SibylError) in
        let bridge = try Bridge.start(try configuration())
        return { bridge.stop(grace: .seconds(grace)) }
      }
    }

    private func configuration() throws(SibylError) -> Bridge.Configuration {
      var configuration = Bridge.Configuration(
        dsn: try database.parse(), logger: service.logger("sibyl.bridge"))
      configuration.schema = schema
      configuration.endpoints = listen.compactMap { try? Self.endpoint($0) }
      configuration.advertisedHost = advertise
      if let tlsCertificate, let tlsKey {
        configuration.tls = WireTLS(certificateFile: tlsCertificate, keyFile: tlsKey)
      }
      configuration.limits.callSeconds = callTimeout
      configuration.limits.waitingCalls = maxWaiting
      configuration.limits.textBytes = maxText
      configuration.limits.arrayElements = maxArray
      configuration.maximumConnections = maxSessions
      configuration.jobThreads = jobWorkers
      configuration.cacheBytes = cacheSize << 20
      return configuration
    }

    /// `HOST:PORT`, `[::1]:PORT`, `HOST`, or `/folder[:PORT]`.
    private static func endpoint(_ text: String) throws -> WireEndpoint {
      let colon = text.lastIndex(of: ":").flatMap { text[$0...].contains("]") ? nil : $0 }
      let port = colon.map { Int(text[text.index(after: $0)...]) ?? -1 } ?? Bridge.defaultPort
      guard (0...65_535).contains(port) else {
        throw ValidationError("--listen takes HOST:PORT or a folder; got \"\(text)\".")
      }
      let host = colon.map { String(text[..<$0]) } ?? text
      if host.hasPrefix("/") {
        // The database server runs as another user; the password keeps strangers out.
        return .unixSocket(folder: host, port: port == 0 ? Bridge.defaultPort : port, mode: 0o666)
      }
      let bare = host.hasPrefix("[") && host.hasSuffix("]") ? String(host.dropFirst().dropLast()) : host
      guard !bare.isEmpty else { throw ValidationError("--listen takes HOST:PORT; the host is missing.") }
      return .tcp(host: bare, port: port)
    }
  }

  struct Uninstall: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Remove everything that sibyl bridge has put into the database.")

    @OptionGroup var database: DatabaseOption

    @Flag(help: "Also remove what depends on the functions: views, indexes, triggers.")
    var cascade = false

    @Flag(help: "Also remove the classifiers that were trained and what was corrected.")
    var dropClassifiers = false

    func run() throws {
      do {
        let connection = try PostgresConnection(try database.parse(), applicationName: "sibyl bridge")
        let removed = try PostgresSchema(on: connection).uninstall(
          cascade: cascade, dropsClassifiers: dropClassifiers)
        if removed.isEmpty { print("Nothing was installed.") }
        for line in removed { print(line) }
      } catch let error as PostgresError {
        ResultCache.writeToStandardError("error: \(error.error.message)")
        throw ExitCode(1)
      } catch let error as SibylError {
        ResultCache.writeToStandardError("error: \(error.message)")
        throw ExitCode(1)
      }
    }
  }
}
