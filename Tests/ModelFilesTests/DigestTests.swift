import ModelFiles
import TestSupport
import Testing

@Suite struct DigestTests {
  /// FIPS 180-4's examples.
  @Test(arguments: [
    ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
  ])
  func knownDigests(text: String, expected: String) throws {
    #expect(Digest(of: text.utf8).hexadecimal == expected)
    #expect(Digest(of: text.utf8.reversed().reversed().map(\.self).lazy.map { $0 }).hexadecimal == expected)
    let folder = try TemporaryFolder()
    #expect(try Digest(ofFileAt: folder.write("file", text.utf8)).hexadecimal == expected)
  }

  @Test(arguments: [(1 << 20) - 1, 1 << 20, (1 << 20) + 1, 3 << 20])
  func filesAreReadWhole(size: Int) throws {
    let folder = try TemporaryFolder()
    var random = SeededGenerator(seed: UInt64(size))
    let bytes = (0..<size).map { _ in UInt8(truncatingIfNeeded: random.next()) }
    #expect(try Digest(ofFileAt: folder.write("file", bytes)) == Digest(of: bytes))
  }

  @Test func readsOnlyDigests() {
    let digits = String(repeating: "0a", count: 32)
    #expect(Digest(hexadecimal: digits)?.abbreviated == "0a0a0a0a0a0a")
    for text in [
      "", "0a", digits + "0", String(repeating: "0A", count: 32), String(repeating: "0g", count: 32),
    ] {
      #expect(Digest(hexadecimal: text) == nil)
    }
  }
}
