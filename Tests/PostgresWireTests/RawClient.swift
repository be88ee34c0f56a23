import Crypto
import Foundation

/// A client that speaks the protocol byte by byte, blocking, with a time limit on everything.
final class RawClient {
  struct Message: Equatable {
    var type: Character
    var body: [UInt8]
  }

  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  private let descriptor: Int32
  private var received: [UInt8] = []
  private var place = 0
  /// From BackendKeyData.
  private(set) var process: Int32 = 0
  private(set) var secret: Int32 = 0
  private(set) var settings: [String: String] = [:]

  init(port: Int) throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    // No child process of another test may keep the connection open.
    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = UInt16(port).bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    let descriptor = descriptor
    let status = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard status == 0 else { throw Failure(description: "connect: \(String(cString: strerror(errno)))") }
    setTimeout(seconds: 20)
  }

  deinit { close() }

  private var isClosed = false

  func close() {
    guard !isClosed else { return }
    isClosed = true
    Glibc.close(descriptor)
  }

  /// Ends the connection with a reset, as a crashed machine's would.
  func reset() {
    var option = linger(l_onoff: 1, l_linger: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
    close()
  }

  func setTimeout(seconds: Int) {
    var limit = timeval(tv_sec: seconds, tv_usec: 0)
    let size = socklen_t(MemoryLayout<timeval>.size)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, size)
    setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, size)
  }

  // MARK: Bytes

  /// - Returns: whether everything could be sent.
  @discardableResult
  func send(_ bytes: [UInt8]) -> Bool {
    var sent = 0
    while sent < bytes.count {
      let count = bytes.withUnsafeBytes {
        Glibc.send(descriptor, $0.baseAddress?.advanced(by: sent), bytes.count - sent, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { return false }
      sent += count
    }
    return true
  }

  /// Sends what can be sent without waiting.
  ///
  /// - Returns: how many bytes.
  func sendWithoutWaiting(_ bytes: [UInt8]) -> Int {
    bytes.withUnsafeBytes {
      Glibc.send(
        descriptor, $0.baseAddress, bytes.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
    }
  }

  private func receive() throws -> Bool {
    var buffer = [UInt8](repeating: 0, count: 64 << 10)
    let count = recv(descriptor, &buffer, buffer.count, 0)
    if count < 0, errno == EAGAIN { throw Failure(description: "no answer within the time limit") }
    guard count > 0 else { return false }
    received.removeFirst(place)
    place = 0
    received += buffer[..<count]
    return true
  }

  func byte() throws -> UInt8? {
    while place == received.count {
      guard try receive() else { return nil }
    }
    place += 1
    return received[place - 1]
  }

  /// The next message; nil where the server has closed the connection.
  func message() throws -> Message? {
    while true {
      if received.count - place >= 5 {
        let length = received[place + 1..<place + 5].reduce(0) { $0 << 8 | Int($1) }
        guard length >= 4 else { throw Failure(description: "a message of length \(length)") }
        if received.count - place >= length + 1 {
          let message = Message(
            type: Character(Unicode.Scalar(received[place])),
            body: Array(received[place + 5..<place + length + 1]))
          place += length + 1
          return message
        }
      }
      guard try receive() else { return nil }
    }
  }

  /// Messages up to one of a type; throws where the server closes before.
  func messages(until last: Character = "Z") throws -> [Message] {
    var all: [Message] = []
    while let message = try message() {
      all.append(message)
      if message.type == last { return all }
    }
    throw Failure(description: "closed after \(all.map(\.type)): \(all.compactMap(\.errorText))")
  }

  // MARK: Start-up

  static func startup(_ settings: [(String, String)], version: UInt32 = 3 << 16) -> [UInt8] {
    var body = bytes(of: version)
    for (name, value) in settings { body += cString(name) + cString(value) }
    body.append(0)
    return bytes(of: Int32(body.count + 4)) + body
  }

  /// Logs in.
  ///
  /// - Returns: the messages that follow AuthenticationOk.
  @discardableResult
  func login(user: String, password: String, settings: [(String, String)] = []) throws -> [Message] {
    send(Self.startup([("user", user), ("database", "sibyl")] + settings))
    return try authenticate(password: password)
  }

  /// The part of a log-in behind the start-up packet.
  func authenticate(password: String) throws -> [Message] {
    try expect(10)
    let nonce = "n\(UInt64.random(in: 0 ... .max))"
    let firstBare = "n=,r=\(nonce)"
    let first = Array("n,,\(firstBare)".utf8)
    send(
      Self.message("p", Self.cString("SCRAM-SHA-256") + Self.bytes(of: Int32(first.count)) + first))
    let challenge = String(decoding: try expect(11), as: UTF8.self)
    let proof = try ScramProof(password: password, firstBare: firstBare, challenge: challenge, header: "n,,")
    send(Self.message("p", Array(proof.message.utf8)))
    let final = String(decoding: try expect(12), as: UTF8.self)
    guard final == "v=\(proof.serverSignature)" else {
      throw Failure(description: "wrong signature \(final)")
    }
    let messages = try messages()
    for message in messages {
      if message.type == "S" {
        let fields = message.strings
        self.settings[fields[0]] = fields[1]
      } else if message.type == "K" {
        process = message.body[0..<4].reduce(0) { $0 << 8 | Int32($1) }
        secret = Int32(bitPattern: message.body[4..<8].reduce(0) { $0 << 8 | UInt32($1) })
      }
    }
    return messages
  }

  /// Takes an authentication message with a code and returns its data.
  @discardableResult
  private func expect(_ code: UInt8) throws -> [UInt8] {
    while let message = try message() {
      if message.type == "v" { continue }
      guard message.type == "R", message.body.starts(with: [0, 0, 0, code]) else {
        throw Failure(description: "\(message.type) \(message.errorText ?? "")")
      }
      return Array(message.body.dropFirst(4))
    }
    throw Failure(description: "closed while authenticating")
  }

  static func cancel(process: Int32, secret: Int32) -> [UInt8] {
    bytes(of: Int32(16)) + bytes(of: Int32(80_877_102)) + bytes(of: process) + bytes(of: secret)
  }

  static let sslRequest = bytes(of: Int32(8)) + bytes(of: Int32(80_877_103))
  static let gssRequest = bytes(of: Int32(8)) + bytes(of: Int32(80_877_104))

  // MARK: Messages

  static func bytes(of integer: some FixedWidthInteger) -> [UInt8] {
    withUnsafeBytes(of: integer.bigEndian, Array.init)
  }

  static func cString(_ text: String) -> [UInt8] { Array(text.utf8) + [0] }

  static func message(_ type: Character, _ body: [UInt8] = []) -> [UInt8] {
    [type.asciiValue ?? 0] + bytes(of: Int32(body.count + 4)) + body
  }

  static func query(_ text: String) -> [UInt8] { message("Q", cString(text)) }

  static func parse(_ text: String, name: String = "", types: [UInt32] = []) -> [UInt8] {
    message("P", cString(name) + cString(text) + bytes(of: Int16(types.count)) + types.flatMap(bytes))
  }

  static func bind(
    _ values: [[UInt8]?], portal: String = "", statement: String = "", formats: [Int16] = [],
    resultFormats: [Int16] = []
  ) -> [UInt8] {
    let parameters = values.flatMap { value in
      value.map { bytes(of: Int32($0.count)) + $0 } ?? bytes(of: Int32(-1))
    }
    return message(
      "B",
      cString(portal) + cString(statement) + bytes(of: Int16(formats.count)) + formats.flatMap(bytes)
        + bytes(of: Int16(values.count)) + parameters
        + bytes(of: Int16(resultFormats.count)) + resultFormats.flatMap(bytes))
  }

  static func describe(_ target: Character, _ name: String = "") -> [UInt8] {
    message("D", [target.asciiValue ?? 0] + cString(name))
  }

  static func execute(_ portal: String = "", rows: Int32 = 0) -> [UInt8] {
    message("E", cString(portal) + bytes(of: rows))
  }

  static func close(_ target: Character, _ name: String = "") -> [UInt8] {
    message("C", [target.asciiValue ?? 0] + cString(name))
  }

  static let sync = message("S")
  static let flush = message("H")

  /// Sends messages and takes the answers up to ReadyForQuery.
  func exchange(_ messages: [UInt8]...) throws -> [Message] {
    send(messages.flatMap { $0 })
    return try self.messages()
  }

  /// The first value of a query's first row, or its error as `SQLSTATE message`.
  func value(_ query: String) throws -> String? {
    let answer = try exchange(Self.query(query))
    if let error = answer.first(where: { $0.type == "E" }) { return error.errorText }
    return answer.first { $0.type == "D" }?.values.first ?? nil
  }
}

extension RawClient.Message {
  /// All strings of a body that end with zero bytes.
  var strings: [String] {
    body.split(separator: 0, omittingEmptySubsequences: false).map { String(decoding: $0, as: UTF8.self) }
  }

  /// The fields of an error or a notice, by their letters.
  var fields: [Character: String] {
    var all: [Character: String] = [:]
    for field in strings { if let letter = field.first { all[letter] = String(field.dropFirst()) } }
    return all
  }

  /// `SQLSTATE message` of an error.
  var errorText: String? {
    guard type == "E" else { return nil }
    return "\(fields["C"] ?? "") \(fields["M"] ?? "")"
  }

  /// The raw values of a DataRow.
  var rawValues: [[UInt8]?] {
    guard type == "D" else { return [] }
    var rest = body.dropFirst(2)
    var all: [[UInt8]?] = []
    while rest.count >= 4 {
      let length = Int(Int32(bitPattern: rest.prefix(4).reduce(0) { $0 << 8 | UInt32($1) }))
      rest = rest.dropFirst(4)
      if length < 0 {
        all.append(nil)
      } else {
        all.append(Array(rest.prefix(length)))
        rest = rest.dropFirst(length)
      }
    }
    return all
  }

  /// The values of a DataRow as text.
  var values: [String?] {
    rawValues.map { $0.map { String(decoding: $0, as: UTF8.self) } }
  }

  /// Names and type numbers of a RowDescription.
  var columns: [(name: String, type: UInt32, format: UInt8)] {
    guard type == "T" else { return [] }
    var rest = body.dropFirst(2)
    var all: [(name: String, type: UInt32, format: UInt8)] = []
    while let end = rest.firstIndex(of: 0) {
      let name = String(decoding: rest[..<end], as: UTF8.self)
      let fields = Array(rest[(end + 1)...].prefix(18))
      all.append((name, fields[6..<10].reduce(0) { $0 << 8 | UInt32($1) }, fields[17]))
      rest = rest[(end + 1)...].dropFirst(18)
    }
    return all
  }
}

/// The client's side of SCRAM-SHA-256, written from RFC 5802 without the server's code.
struct ScramProof {
  let message: String
  let serverSignature: String

  init(password: String, firstBare: String, challenge: String, header: String) throws {
    let fields = challenge.split(separator: ",").map { $0.dropFirst(2) }
    guard fields.count == 3, let salt = Data(base64Encoded: String(fields[1])), let count = Int(fields[2])
    else { throw RawClient.Failure(description: "challenge \(challenge)") }
    func hmac(_ key: some ContiguousBytes, _ data: [UInt8]) -> [UInt8] {
      Array(HMAC<SHA256>.authenticationCode(for: data, using: SymmetricKey(data: key)))
    }
    let passwordKey = Array(password.utf8)
    var block = hmac(passwordKey, Array(salt) + [0, 0, 0, 1])
    var salted = block
    for _ in 1..<count {
      block = hmac(passwordKey, block)
      salted = zip(salted, block).map { $0 ^ $1 }
    }
    let clientKey = hmac(salted, Array("Client Key".utf8))
    let withoutProof = "c=\(Data(header.utf8).base64EncodedString()),r=\(fields[0])"
    let authMessage = Array("\(firstBare),\(challenge),\(withoutProof)".utf8)
    let signature = hmac(Array(SHA256.hash(data: clientKey)), authMessage)
    let proof = zip(clientKey, signature).map { $0 ^ $1 }
    message = "\(withoutProof),p=\(Data(proof).base64EncodedString())"
    serverSignature = Data(hmac(hmac(salted, Array("Server Key".utf8)), authMessage)).base64EncodedString()
  }
}
