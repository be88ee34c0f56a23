import CCurl
import Diagnostics

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A POST request.
struct ServerRequest {
  var url: String
  var headers: [String]
  var body: [UInt8]
  /// Milliseconds.
  var timeout: Int
  var ignoresProxy: Bool
}

/// What came back.
struct ServerReply {
  enum Fault {
    case timedOut
    case tooLarge
    /// In libcurl's words; no other attempt will end better.
    case hopeless(String)
    case broken(String)
  }

  var status: Int
  var body: [UInt8]
  var retryAfter: String
  var location: String
  var fault: Fault?
}

/// Requests under way on one thread, and the connections that the next ones go on using.
///
/// Owned by one thread at a time.
final class Transfers: @unchecked Sendable {
  private let pool: OpaquePointer
  private var tags: [OpaquePointer: Int] = [:]
  /// A child of `fork` shares its parent's connections, and must not use them.
  private let process = getpid()

  /// Bytes of a reply, at most.
  static let mostBytes = 32 << 20
  private static let connectTimeout = 10_000

  init() throws(SibylError) {
    if let fault = ccurl_open() {
      throw SibylError(
        .unavailable,
        "\(String(cString: fault)); install it (Debian and Ubuntu: apt-get install libcurl4), or name a model on this "
          + "machine")
    }
    guard let pool = ccurl_pool_create() else { throw Self.noMemory }
    self.pool = pool
  }

  deinit { if isOwn { ccurl_pool_free(pool) } }

  /// Whether this process made it.
  var isOwn: Bool { process == getpid() }
  var count: Int { tags.count }

  private static let noMemory = SibylError(.unavailable, "there is no memory left for a request to a server")

  /// - Parameter tag: names the request when its reply comes.
  func begin(_ request: ServerRequest, tag: Int) throws(SibylError) {
    var lines = request.headers.map { strdup($0) }
    defer { for line in lines { free(line) } }
    lines.append(nil)
    let transfer = request.url.withCString { url in
      request.body.withUnsafeBytes { body in
        lines.map { UnsafePointer($0) }.withUnsafeBufferPointer { headers in
          var parts = ccurl_request()
          parts.url = url
          parts.body = body.baseAddress
          parts.body_size = body.count
          parts.headers = headers.baseAddress
          parts.connect_timeout = min(Self.connectTimeout, request.timeout)
          parts.timeout = request.timeout
          parts.most_bytes = Self.mostBytes
          parts.ignores_proxy = request.ignoresProxy
          return ccurl_begin(pool, &parts)
        }
      }
    }
    guard let transfer else { throw Self.noMemory }
    tags[transfer] = tag
  }

  /// Moves transfers on; waits where nothing moves.
  func run(milliseconds: Int) { ccurl_run(pool, Int32(clamping: milliseconds)) }

  /// A reply that has come.
  func take() -> (tag: Int, reply: ServerReply)? {
    guard let transfer = ccurl_take(pool) else { return nil }
    defer { ccurl_free(pool, transfer) }
    let tag = tags.removeValue(forKey: transfer) ?? -1
    var size = 0
    let bytes = ccurl_body(transfer, &size)
    var reply = ServerReply(
      status: ccurl_status(transfer), body: Array(UnsafeRawBufferPointer(start: bytes, count: size)),
      retryAfter: String(cString: ccurl_retry_after(transfer)),
      location: String(cString: ccurl_location(transfer)))
    if ccurl_is_too_large(transfer) {
      reply.fault = .tooLarge
    } else if let words = ccurl_fault(transfer) {
      let words = String(cString: words)
      reply.fault =
        ccurl_timed_out(transfer)
        ? .timedOut : ccurl_is_hopeless(transfer) ? .hopeless(words) : .broken(words)
    }
    return (tag, reply)
  }

  /// Breaks off what is under way.
  func cancelAll() {
    for transfer in tags.keys { ccurl_free(pool, transfer) }
    tags = [:]
  }
}
