import Diagnostics
import Foundation
import PostgresWire
import Testing

/// SCRAM-SHA-256 as RFC 7677 and RFC 5802 describe it.
struct SCRAMTests {
  /// The example of RFC 7677, section 3.
  @Test("the RFC's example exchange")
  func example() throws {
    let salt = try #require(Data(base64Encoded: "W22ZaJ0SNY7soEsUEjb6gQ=="))
    let verifier = try SCRAMVerifier(password: "pencil", salt: Array(salt), iterations: 4096)
    var exchange = SCRAMExchange(
      verifier: verifier, isGenuine: true, serverNonce: "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0")
    #expect(
      try exchange.begin("n,,n=user,r=rOprNGfwEbeRWgbNEkqO")
        == "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096")
    #expect(
      try exchange.finish(
        "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
          + "p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=")
        == "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=")
  }

  @Test("PostgreSQL's stored form comes back as it was, and damaged ones are none")
  func storedForm() throws {
    let verifier = try SCRAMVerifier(password: "secret")
    let form = verifier.storedForm
    #expect(form.hasPrefix("SCRAM-SHA-256$4096:"))
    #expect(SCRAMVerifier(storedForm: form) == verifier)
    #expect(!form.contains("secret"))
    for damaged in [
      "", "SCRAM-SHA-256", "md5abc", String(form.dropLast()), form + "=", form.replacing("4096", with: "0"),
      form.replacing("$", with: ":"), form.replacing("SHA-256", with: "SHA-1"),
      form.replacing(":", with: "$"),
    ] {
      #expect(SCRAMVerifier(storedForm: damaged) == nil, "\(damaged)")
    }
  }

  @Test("two verifiers of one password differ, passwords outside of ASCII are refused")
  func verifiers() throws {
    let first = try SCRAMVerifier(password: "x", iterations: 1)
    #expect(try SCRAMVerifier(password: "x", iterations: 1) != first)
    for password in ["", "grün", "tab\t"] {
      #expect(throws: SibylError.self) { try SCRAMVerifier(password: password, iterations: 1) }
    }
    #expect(throws: SibylError.self) { try SCRAMVerifier(password: "x", iterations: 0) }
  }

  /// Runs an exchange with the client's part changed.
  private func outcome(
    genuine: Bool = true, password: String = "secret", first: String? = nil, header: String = "n,,",
    change: (String) -> String = { $0 }
  ) throws -> String? {
    let verifier = try SCRAMVerifier(password: "secret", iterations: 2)
    var exchange = SCRAMExchange(verifier: verifier, isGenuine: genuine)
    let challenge = try exchange.begin(first ?? "\(header)n=,r=abc")
    let proof = try ScramProof(
      password: password, firstBare: "n=,r=abc", challenge: challenge, header: header)
    return try exchange.finish(change(proof.message))
  }

  @Test("a right proof passes, with either flag for channel binding")
  func success() throws {
    #expect(try outcome() != nil)
    #expect(try outcome(header: "y,,") != nil)
  }

  @Test("wrong proofs and unknown users fail alike")
  func failure() throws {
    #expect(try outcome(password: "guess") == nil)
    #expect(try outcome(genuine: false) == nil)
  }

  @Test(
    "malformed first messages",
    arguments: [
      "", "n", "n,", "n,,", "n,,n=", "n,,r=abc,n=", "n,,n=,r=", "n,,n=,r=\u{7}", "x,,n=,r=abc",
      "p=tls-server-end-point,,n=,r=abc", "n,a=other,n=,r=abc", "n,,m=ext,n=,r=abc", "nn,,n=,r=abc",
    ])
  func malformedFirst(message: String) throws {
    #expect(throws: WireError.self) { try outcome(first: message) }
  }

  @Test("malformed final messages, another binding, another nonce")
  func malformedFinal() throws {
    let changes: [(String) -> String] = [
      { _ in "" }, { _ in "," }, { $0.replacing("c=biws", with: "c=eSws") },
      { $0.replacing("r=", with: "r=x") },
      { $0.replacing("p=", with: "q=") }, { String($0.dropLast(4)) }, { $0 + ",p=AAAA" },
      { $0.replacing("c=biws,", with: "") }, { $0.replacing("=", with: "") },
    ]
    for change in changes { #expect(throws: WireError.self) { try outcome(change: change) } }
  }
}
