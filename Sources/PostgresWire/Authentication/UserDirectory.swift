import Crypto
import NIOConcurrencyHelpers

/// Who may log in.
///
/// Sendable: users may be replaced from any thread while clients connect.
final class UserDirectory: Sendable {
  private let users: NIOLockedValueBox<[String: SCRAMVerifier]>
  private let mockSecret = SymmetricKey(size: .bits256)

  init(_ users: [String: SCRAMVerifier]) {
    self.users = NIOLockedValueBox(users)
  }

  func replace(_ users: [String: SCRAMVerifier]) {
    self.users.withLockedValue { $0 = users }
  }

  /// An exchange for a user; for an unknown one it goes through the motions and fails.
  func exchange(for user: String) -> SCRAMExchange {
    let (verifier, iterations) = users.withLockedValue { users in
      (users[user], users.values.map(\.iterations).max() ?? SCRAMVerifier.defaultIterations)
    }
    if let verifier { return SCRAMExchange(verifier: verifier, isGenuine: true) }
    let mock = SCRAMVerifier(mockFor: user, secret: mockSecret, iterations: iterations)
    return SCRAMExchange(verifier: mock, isGenuine: false)
  }
}
