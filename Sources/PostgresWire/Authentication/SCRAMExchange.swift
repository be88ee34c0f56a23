import Crypto

/// The server's side of one SCRAM-SHA-256 exchange (RFC 5802, section 5; RFC 7677). The user's name in the
/// client's message is ignored, as PostgreSQL does: the start-up packet's counts.
package struct SCRAMExchange {
  package static let mechanism = "SCRAM-SHA-256"

  private let verifier: SCRAMVerifier
  /// False for a user that there is not: the exchange then fails at its end, whatever the client proves.
  private let isGenuine: Bool
  private let serverNonce: String
  private var clientFirstBare = ""
  private var channelBinding = ""
  private var nonce = ""
  private var serverFirst = ""

  package init(verifier: SCRAMVerifier, isGenuine: Bool) {
    var generator = SystemRandomNumberGenerator()
    let random = (0..<18).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
    self.init(verifier: verifier, isGenuine: isGenuine, serverNonce: Base64.encode(random))
  }

  package init(verifier: SCRAMVerifier, isGenuine: Bool, serverNonce: String) {
    self.verifier = verifier
    self.isGenuine = isGenuine
    self.serverNonce = serverNonce
  }

  /// Reads client-first-message and returns server-first-message.
  package mutating func begin(_ message: String) throws(WireError) -> String {
    // gs2-header: the channel binding flag and an authorization identity.
    guard let flagEnd = message.firstIndex(of: ","),
      let headerEnd = message[message.index(after: flagEnd)...].firstIndex(of: ",")
    else { throw Self.malformed("client-first-message is cut off") }
    switch message[..<flagEnd] {
    case "n", "y": break  // "y": it could, but the server offers no channel binding, which is so
    case let flag where flag.hasPrefix("p="):
      throw Self.malformed("channel binding was asked for, but is not offered")
    default: throw Self.malformed("unexpected channel-binding flag")
    }
    guard message.index(after: flagEnd) == headerEnd else {
      throw WireError(
        .featureNotSupported, "client uses authorization identity, but it is not supported", severity: .fatal)
    }
    channelBinding = Base64.encode(message[...headerEnd].utf8)
    clientFirstBare = String(message[message.index(after: headerEnd)...])
    let attributes = clientFirstBare.split(separator: ",", omittingEmptySubsequences: false)
    if attributes[0].hasPrefix("m=") {
      throw WireError(
        .featureNotSupported, "client requires an unsupported SCRAM extension", severity: .fatal)
    }
    guard attributes.count >= 2, attributes[0].hasPrefix("n="), attributes[1].hasPrefix("r=") else {
      throw Self.malformed("client-first-message must hold a user and a nonce")
    }
    let clientNonce = attributes[1].dropFirst(2)
    guard !clientNonce.isEmpty, clientNonce.utf8.allSatisfy({ $0 >= 0x21 && $0 < 0x7F }) else {
      throw Self.malformed("the nonce must be printable")
    }
    nonce = clientNonce + serverNonce
    serverFirst = "r=\(nonce),s=\(Base64.encode(verifier.salt)),i=\(verifier.iterations)"
    return serverFirst
  }

  /// Reads client-final-message and returns server-final-message.
  ///
  /// - Returns: nil where the proof is wrong or the user is not known: nobody can tell which.
  package func finish(_ message: String) throws(WireError) -> String? {
    guard let proofStart = message.lastIndex(of: ",") else {
      throw Self.malformed("client-final-message is cut off")
    }
    let withoutProof = message[..<proofStart]
    let attributes = withoutProof.split(separator: ",", omittingEmptySubsequences: false)
    guard attributes.count >= 2, attributes[0].hasPrefix("c="), attributes[1].hasPrefix("r=") else {
      throw Self.malformed("client-final-message must hold a channel binding and a nonce")
    }
    guard attributes[0].dropFirst(2) == channelBinding else {
      throw Self.malformed("unexpected channel-binding attribute in client-final-message")
    }
    guard attributes[1].dropFirst(2) == nonce else { throw Self.malformed("nonce mismatch") }
    let last = message[message.index(after: proofStart)...]
    guard last.hasPrefix("p="), let proof = Base64.decode(last.dropFirst(2)),
      proof.count == SCRAMVerifier.keyLength
    else { throw Self.malformed("malformed proof in client-final-message") }

    let authMessage = Array("\(clientFirstBare),\(serverFirst),\(withoutProof)".utf8)
    let signature = HMAC<SHA256>.authenticationCode(
      for: authMessage, using: SymmetricKey(data: verifier.storedKey))
    let clientKey = zip(proof, signature).map { $0 ^ $1 }
    let isProven = Self.areEqual(Array(SHA256.hash(data: clientKey)), verifier.storedKey)
    let serverSignature = HMAC<SHA256>.authenticationCode(
      for: authMessage, using: SymmetricKey(data: verifier.serverKey))
    guard isProven, isGenuine else { return nil }
    return "v=" + Base64.encode(Array(serverSignature))
  }

  /// Compares without telling by its time where the first difference is.
  private static func areEqual(_ a: [UInt8], _ b: [UInt8]) -> Bool {
    var difference = UInt8(a.count == b.count ? 0 : 1)
    for (x, y) in zip(a, b) { difference |= x ^ y }
    return difference == 0
  }

  private static func malformed(_ problem: String) -> WireError {
    WireError(.protocolViolation, "malformed SCRAM message: \(problem)", severity: .fatal)
  }
}
