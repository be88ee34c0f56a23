import CPostgres
import Diagnostics

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A session on a PostgreSQL server, through libpq.
///
/// Calls block until the server has answered. Owned by one thread at a time; only what `canceller()` returns
/// may be used beside it.
public final class PostgresConnection {
  /// Where the connection leads, without the password.
  public let dsn: PostgresDSN
  let pointer: OpaquePointer
  private let noticeSink = NoticeSink()

  /// What to do with the notices of the server; without it they are dropped.
  public var onNotice: ((PostgresNotice) -> Void)? {
    get { noticeSink.receive }
    set { noticeSink.receive = newValue }
  }

  /// Opens a connection.
  ///
  /// Text comes and goes as UTF-8, whatever the environment says. A server that vanishes without a word is
  /// noticed after a minute. What the DSN says about time-outs goes before these settings.
  /// - Parameters:
  ///   - dsn: where to.
  ///   - applicationName: what `pg_stat_activity` shows, where the DSN names nothing.
  ///   - seconds: how long each address of the server may take to answer.
  /// - Throws: `unavailable` where the server can't be reached or refuses; the message names the place, never
  ///   the password.
  public init(
    _ dsn: PostgresDSN, applicationName: String = "sibyl", connectTimeout seconds: Int = 10
  ) throws(PostgresError) {
    // Later ones go before earlier ones, and the DSN stands for the keywords in it.
    let settings: [(String, String)] = [
      ("connect_timeout", String(max(seconds, 1))), ("fallback_application_name", applicationName),
      ("keepalives_idle", "30"), ("keepalives_interval", "10"), ("keepalives_count", "3"),
      ("dbname", dsn.text), ("client_encoding", "UTF8"),
    ]
    var keywords = settings.map { UnsafePointer(strdup($0.0)) }
    var values = settings.map { UnsafePointer(strdup($0.1)) }
    defer { for string in keywords + values { free(UnsafeMutableRawPointer(mutating: string)) } }
    keywords.append(nil)
    values.append(nil)
    guard let pointer = PQconnectdbParams(keywords, values, 1) else {
      throw PostgresError(SibylError(.unavailable, "libpq has no memory for a connection to \(dsn)"))
    }
    guard PQstatus(pointer) == CONNECTION_OK else {
      let reason = libpqSentence(PQerrorMessage(pointer))
      PQfinish(pointer)
      throw PostgresError(
        SibylError(.unavailable, "can't connect to \(dsn): \(reason)"), sqlState: "08001",
        isConnectionLost: true)
    }
    self.dsn = dsn
    self.pointer = pointer
    PQsetNoticeReceiver(
      pointer,
      { context, result in
        guard let context, let result else { return }
        Unmanaged<NoticeSink>.fromOpaque(context).takeUnretainedValue().receive?(PostgresNotice(result))
      }, Unmanaged.passUnretained(noticeSink).toOpaque())
  }

  deinit {
    PQsetNoticeReceiver(pointer, { _, _ in }, nil)
    PQfinish(pointer)
  }

  /// Whether the connection is known to be gone: found out by the last statement, or by `checkIsAlive`.
  public var isLost: Bool { PQstatus(pointer) != CONNECTION_OK }

  /// Looks, without asking the server, whether an idle connection was closed at the other end.
  public func checkIsAlive() -> Bool {
    // The server's parting words may come before the end of the stream.
    for _ in 0..<8 where !isLost {
      var descriptor = pollfd(fd: PQsocket(pointer), events: Int16(POLLIN), revents: 0)
      guard descriptor.fd >= 0, poll(&descriptor, 1, 0) > 0 else { break }
      guard PQconsumeInput(pointer) == 1 else { return false }
      _ = PQisBusy(pointer)
    }
    return !isLost
  }

  /// Something that cancels this connection's statements from other threads; nil where the connection is
  /// lost.
  public func canceller() -> PostgresCanceller? { PostgresCanceller(pointer) }

  /// The server's version as one number: 150004 is 15.4.
  public var serverVersion: Int { Int(PQserverVersion(pointer)) }

  /// The process of the server that works for this connection, as `pg_stat_activity.pid` shows it.
  public var backendProcess: Int32 { PQbackendPID(pointer) }

  /// The user that the server knows this connection by.
  public var user: String { PQuser(pointer).map { String(cString: $0) } ?? "" }

  public var database: String { PQdb(pointer).map { String(cString: $0) } ?? "" }

  /// Holds what libpq calls back: libpq gets a pointer to it, and this object lives as long as the
  /// connection.
  private final class NoticeSink {
    var receive: ((PostgresNotice) -> Void)?
  }
}
