import Crypto
import Diagnostics

/// What a server keeps of a password for SCRAM-SHA-256 (RFC 5802, section 3; RFC 7677): it lets the server
/// check a proof, but nobody log in with it.
public struct SCRAMVerifier: Hashable, Sendable {
  package let iterations: Int
  package let salt: [UInt8]
  package let storedKey: [UInt8]
  package let serverKey: [UInt8]

  /// Bytes of a SHA-256 digest.
  static let keyLength = 32
  static let saltLength = 16
  /// PostgreSQL's default (`SCRAM_SHA_256_DEFAULT_ITERATIONS`), and what RFC 7677 asks for at least.
  public static let defaultIterations = 4096

  /// Derives the verifier with a fresh random salt; takes a few milliseconds.
  ///
  /// - Parameter password: printable ASCII characters, one at least. Others would have to be
  ///   normalised by client and server alike (SASLprep), which is not done here.
  /// - Throws: `invalidArgument` for another password or fewer than 1 iterations.
  public init(password: String, iterations: Int = defaultIterations) throws(SibylError) {
    var generator = SystemRandomNumberGenerator()
    let salt = (0..<Self.saltLength).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
    try self.init(password: password, salt: salt, iterations: iterations)
  }

  package init(password: String, salt: [UInt8], iterations: Int) throws(SibylError) {
    guard !password.isEmpty, password.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) else {
      throw SibylError(
        .invalidArgument,
        "A password must consist of printable ASCII characters, one at least; choose another.")
    }
    guard (1...1_000_000).contains(iterations) else {
      throw SibylError(
        .invalidArgument, "A SCRAM iteration count must be from 1 to 1,000,000; \(iterations) was given.")
    }
    // Hi() of RFC 5802: PBKDF2 with HMAC-SHA-256 and one block of output.
    let keyed = HMAC<SHA256>(key: SymmetricKey(data: Array(password.utf8)))
    func hash(_ data: some Collection<UInt8>) -> [UInt8] {
      var hmac = keyed
      hmac.update(data: Array(data))
      return Array(hmac.finalize())
    }
    var block = hash(salt + [0, 0, 0, 1])
    var salted = block
    for _ in 1..<iterations {
      block = hash(block)
      for place in salted.indices { salted[place] ^= block[place] }
    }
    let key = SymmetricKey(data: salted)
    let clientKey = HMAC<SHA256>.authenticationCode(for: Array("Client Key".utf8), using: key)
    self.iterations = iterations
    self.salt = salt
    storedKey = Array(SHA256.hash(data: Array(clientKey)))
    serverKey = Array(HMAC<SHA256>.authenticationCode(for: Array("Server Key".utf8), using: key))
  }

  /// A verifier that no password fits, for a user that there is not: the exchange looks like any other's.
  ///
  /// - Parameters:
  ///   - secret: random, the same for the server's whole life, so that a user's salt stays the same.
  ///   - iterations: what real users have.
  init(mockFor user: String, secret: SymmetricKey, iterations: Int) {
    let salt = HMAC<SHA256>.authenticationCode(for: Array(user.utf8), using: secret)
    self.iterations = iterations
    self.salt = Array(salt.prefix(Self.saltLength))
    storedKey = [UInt8](repeating: 0, count: Self.keyLength)
    serverKey = storedKey
  }

  // MARK: The stored form

  /// The form in which PostgreSQL keeps verifiers in `pg_authid`:
  /// `SCRAM-SHA-256$<iterations>:<salt>$<StoredKey>:<ServerKey>`.
  public var storedForm: String {
    "SCRAM-SHA-256$\(iterations):\(Base64.encode(salt))"
      + "$\(Base64.encode(storedKey)):\(Base64.encode(serverKey))"
  }

  /// Reads the stored form; nil where the text is none.
  public init?(storedForm: String) {
    let parts = storedForm.split(separator: "$", omittingEmptySubsequences: false)
    guard parts.count == 3, parts[0] == "SCRAM-SHA-256" else { return nil }
    let parameters = parts[1].split(separator: ":", omittingEmptySubsequences: false)
    let keys = parts[2].split(separator: ":", omittingEmptySubsequences: false)
    guard parameters.count == 2, keys.count == 2,
      let iterations = Int(parameters[0]), (1...1_000_000).contains(iterations),
      let salt = Base64.decode(parameters[1]), !salt.isEmpty,
      let storedKey = Base64.decode(keys[0]), storedKey.count == Self.keyLength,
      let serverKey = Base64.decode(keys[1]), serverKey.count == Self.keyLength
    else { return nil }
    self.iterations = iterations
    self.salt = salt
    self.storedKey = storedKey
    self.serverKey = serverKey
  }
}
