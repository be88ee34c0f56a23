import JSON
import TestSupport
import Testing

/// Random values survive being written and read; random bytes never do harm.
@Suite struct JSONPropertyTests {
  @Test(arguments: 0..<8)
  func whatIsWrittenReadsBackEqual(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    for _ in 0..<400 {
      let value = randomValue(depth: 5, using: &random)
      let text = value.serialized()
      #expect(try JSON.parse(text) == value, "\(text)")
      #expect(try JSON.parse(text).serialized() == text)
      let canonical = value.canonical()
      #expect(try JSON.parse(canonical).canonical() == canonical)
    }
  }

  @Test(arguments: 0..<8)
  func mutatedTextNeverTraps(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let alphabet = Array("{}[]\",:\\ubntrfeE+-.0123456789 \n".utf8) + [0, 0x1F, 0x80, 0xC3, 0xED, 0xFF]
    var accepted = 0
    for _ in 0..<3_000 {
      var bytes: [UInt8]
      if Bool.random(using: &random) {
        bytes = Array(randomValue(depth: 4, using: &random).serialized().utf8)
        for _ in 0..<Int.random(in: 1...4, using: &random) where !bytes.isEmpty {
          let position = Int.random(in: 0..<bytes.count, using: &random)
          switch Int.random(in: 0..<3, using: &random) {
          case 0: bytes[position] = alphabet.randomElement(using: &random) ?? 0
          case 1: bytes.remove(at: position)
          default: bytes.removeSubrange(position...)
          }
        }
      } else {
        bytes = (0..<Int.random(in: 0..<40, using: &random)).map { _ in
          alphabet.randomElement(using: &random) ?? 0
        }
      }
      // Whatever is accepted must be a value that writes and reads back.
      guard let value = try? JSON.parse(bytes) else { continue }
      accepted += 1
      #expect((try? JSON.parse(value.serialized())) == value)
    }
    #expect(accepted > 0)
  }

  private func randomValue(depth: Int, using random: inout SeededGenerator) -> JSON {
    switch Int.random(in: 0..<(depth > 0 ? 8 : 6), using: &random) {
    case 0: .null
    case 1: .boolean(.random(using: &random))
    case 2: .integer(Int64(bitPattern: random.next()) >> Int64.random(in: 0..<64, using: &random))
    case 3: randomNumber(using: &random)
    case 4, 5: .string(randomText(using: &random))
    case 6:
      .array(
        (0..<Int.random(in: 0..<6, using: &random)).map { _ in randomValue(depth: depth - 1, using: &random) }
      )
    default:
      .object(
        JSONObject(
          (0..<Int.random(in: 0..<20, using: &random)).map { _ in
            (randomText(using: &random), randomValue(depth: depth - 1, using: &random))
          }))
    }
  }

  private func randomNumber(using random: inout SeededGenerator) -> JSON {
    let value = Double(bitPattern: random.next())
    return .number(value.isFinite ? value : 0.25)
  }

  private func randomText(using random: inout SeededGenerator) -> String {
    var text = ""
    for _ in 0..<Int.random(in: 0..<12, using: &random) {
      let limit: UInt32 = [0x20, 0x80, 0x800, 0x10000, 0x110000].randomElement(using: &random) ?? 0x80
      if let scalar = Unicode.Scalar(UInt32.random(in: 0..<limit, using: &random)) {
        text.unicodeScalars.append(scalar)
      }
    }
    return text
  }
}
