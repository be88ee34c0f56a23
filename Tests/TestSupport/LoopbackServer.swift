import Foundation

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

#if canImport(Glibc)
  private let noSignal = Int32(MSG_NOSIGNAL)
  private let peeking = Int32(MSG_PEEK | MSG_DONTWAIT)
  private let stream = Int32(SOCK_STREAM.rawValue)
#else
  private let noSignal: Int32 = 0
  private let peeking = MSG_PEEK | MSG_DONTWAIT
  private let stream = SOCK_STREAM
#endif
/// Ends the connection at once, also where a program that another test has just started holds a copy of the socket.
private func closeSocket(_ socket: Int32) {
  _ = shutdown(socket, Int32(SHUT_RDWR))
  _ = close(socket)
}
private func sendBytes(_ socket: Int32, _ bytes: [UInt8], _ count: Int, _ flags: Int32) -> Int {
  send(socket, bytes, count, flags)
}

/// An HTTP server on the loopback interface that answers as a test says: well, late, cut off, or not at all.
///
/// Threads: one that accepts, one a connection; all end with the value. At most `mostRequests` are answered, and no
/// answer takes longer than `longest` seconds.
public final class LoopbackServer: @unchecked Sendable {
  public struct Request: Sendable {
    public let number: Int
    public let path: String
    /// Header lines as they came, names in lower case.
    public let headers: [String: String]
    public let body: String
  }

  public enum Answer: Sendable {
    case reply(Int, String, headers: [String] = [])
    /// Nothing, until the client goes away.
    case hang
    /// So much of what was promised, and the end.
    case cut(String, promised: Int)
    /// A byte now and then.
    case drip(String)
    /// Bytes without an end.
    case flood
    /// The connection is closed without a word.
    case close
  }

  public static let mostRequests = 500
  public static let longest = 20.0

  public let port: UInt16
  private let listener: Int32
  private let answer: @Sendable (Request) -> Answer
  private let lock = NSLock()
  private var received: [Request] = []
  private var mostAtOnce = 0
  private var atOnce = 0
  private var isStopped = false

  public init(_ answer: @escaping @Sendable (Request) -> Answer) throws {
    self.answer = answer
    let listener = socket(AF_INET, stream, 0)
    self.listener = listener
    var address = Self.loopback(0)
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let status = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
        bind(listener, pointer, length) == 0 && listen(listener, 128) == 0
          && getsockname(listener, pointer, &length) == 0
      }
    }
    guard status else { throw CocoaError(.fileNoSuchFile) }
    port = UInt16(bigEndian: address.sin_port)
    Thread.detachNewThread { [weak self] in
      while true {
        let connection = accept(listener, nil, nil)
        guard connection >= 0 else {
          // Closed here, by its only user: closed in `stop`, its number could be another server's listener by the time
          // of the next `accept`, which then would take that one's connections.
          self?.lock.withLock { self?.isStopped = true }
          closeSocket(listener)
          return
        }
        guard let self else {
          closeSocket(connection)
          return
        }
        Thread.detachNewThread { self.serve(connection) }
      }
    }
  }

  deinit { stop() }

  public var address: String { "http://127.0.0.1:\(port)/v1" }
  public var requests: [Request] { lock.withLock { received } }
  /// The most requests that were under way together.
  public var mostTogether: Int { lock.withLock { mostAtOnce } }

  public func stop() {
    lock.withLock {
      // Ends the `accept` that waits, and every later one.
      if !isStopped { shutdown(listener, Int32(SHUT_RDWR)) }
      isStopped = true
    }
  }

  private func serve(_ connection: Int32) {
    defer { closeSocket(connection) }
    var limit = timeval(tv_sec: Int(Self.longest), tv_usec: 0)
    setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    var buffer: [UInt8] = []
    while let request = read(connection, &buffer) {
      let goesOn = respond(answer(request), connection)
      lock.withLock { atOnce -= 1 }
      guard goesOn else { return }
    }
  }

  private func read(_ connection: Int32, _ buffer: inout [UInt8]) -> Request? {
    var chunk = [UInt8](repeating: 0, count: 65_536)
    func more() -> Bool {
      let count = recv(connection, &chunk, chunk.count, 0)
      guard count > 0, buffer.count < 8 << 20 else { return false }
      buffer += chunk[..<count]
      return true
    }
    let end = Array("\r\n\r\n".utf8)
    while buffer.firstRange(of: end) == nil { guard more() else { return nil } }
    guard let head = buffer.firstRange(of: end) else { return nil }
    let lines = String(decoding: buffer[..<head.lowerBound], as: UTF8.self).split(separator: "\r\n")
    var headers: [String: String] = [:]
    for line in lines.dropFirst() {
      guard let colon = line.firstIndex(of: ":") else { continue }
      headers[line[..<colon].lowercased()] = line[line.index(after: colon)...].trimmingCharacters(
        in: .whitespaces)
    }
    let size = headers["content-length"].flatMap { Int($0) } ?? 0
    while buffer.count < head.upperBound + size { guard more() else { return nil } }
    let body = String(decoding: buffer[head.upperBound..<(head.upperBound + size)], as: UTF8.self)
    buffer.removeFirst(head.upperBound + size)
    let words = lines.first?.split(separator: " ") ?? []
    return lock.withLock {
      guard received.count < Self.mostRequests, !isStopped else { return nil }
      let request = Request(
        number: received.count, path: words.count > 1 ? String(words[1]) : "", headers: headers, body: body)
      received.append(request)
      atOnce += 1
      mostAtOnce = max(mostAtOnce, atOnce)
      return request
    }
  }

  /// - Returns: whether the connection goes on.
  private func respond(_ answer: Answer, _ connection: Int32) -> Bool {
    func send(_ text: String) -> Bool {
      let bytes = Array(text.utf8)
      return sendBytes(connection, bytes, bytes.count, noSignal) == bytes.count
    }
    func head(_ status: Int, _ length: Int, _ headers: [String] = []) -> String {
      "HTTP/1.1 \(status) Status\r\nContent-Type: application/json\r\nContent-Length: \(length)\r\n"
        + headers.map { $0 + "\r\n" }.joined() + "\r\n"
    }
    let start = Date()
    var isLate: Bool { Date().timeIntervalSince(start) > Self.longest || lock.withLock { isStopped } }
    switch answer {
    case .reply(let status, let body, let headers):
      return send(head(status, body.utf8.count, headers) + body)
    case .hang:
      // Until the client closes, which makes the socket readable.
      var byte: UInt8 = 0
      while recv(connection, &byte, 1, peeking) != 0, !isLate {
        usleep(5_000)
      }
      return false
    case .cut(let body, let promised):
      _ = send(head(200, promised) + body)
      return false
    case .drip(let body):
      guard send(head(200, body.utf8.count)) else { return false }
      for character in body {
        guard !isLate, send(String(character)) else { return false }
        usleep(100_000)
      }
      return true
    case .flood:
      guard send("HTTP/1.1 200 Status\r\nConnection: close\r\n\r\n") else { return false }
      let block = String(repeating: " ", count: 1 << 16)
      var sent = 0
      while sent < 64 << 20, send(block) { sent += block.utf8.count }
      return false
    case .close: return false
    }
  }
}

extension LoopbackServer {
  /// The body of an answer to a conversation.
  public static func completion(_ text: String, finish: String = "stop") -> String {
    let quoted = String(decoding: (try? JSONEncoder().encode(text)) ?? Data(), as: UTF8.self)
    return
      #"{"choices":[{"index":0,"message":{"role":"assistant","content":\#(quoted)},"finish_reason":"\#(finish)"}]}"#
  }

  /// Whether somebody takes connections on a port.
  public static func isListening(port: UInt16) -> Bool {
    let client = socket(AF_INET, stream, 0)
    defer { closeSocket(client) }
    var address = loopback(port)
    return withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
        connect(client, pointer, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
      }
    }
  }

  private static func loopback(_ port: UInt16) -> sockaddr_in {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    address.sin_port = port.bigEndian
    return address
  }
}
