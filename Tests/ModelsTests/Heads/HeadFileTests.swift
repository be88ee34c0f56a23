import Diagnostics
import Models
import Testing

@Suite struct HeadFileTests {
  private func example(classes: Int = 3, width: Int = 50) throws -> HeadFile {
    var generator = HeadTestGenerator(seed: 77)
    return HeadFile(
      regression: try SoftmaxRegression(
        classNames: ["negative", "neutral", "positive", "möglich"].prefix(classes).map { $0 },
        featureCount: width, weights: (0..<classes * width).map { _ in 3 * generator.float() },
        biases: (0..<classes).map { _ in generator.float() }),
      encoder: "a test encoder", recipe: "made by a test\nin two lines")
  }

  @Test func singlePrecisionComesBackAsItWas() throws {
    let file = try example(classes: 4)
    #expect(try HeadFile(bytes: file.bytes(precision: .single)) == file)
  }

  @Test func halfPrecisionComesBackRounded() throws {
    let file = try example()
    let bytes = try file.bytes()
    let back = try HeadFile(bytes: bytes)
    #expect(back.encoder == file.encoder && back.recipe == file.recipe)
    #expect(back.regression.biases == file.regression.biases)
    for (weight, stored) in zip(file.regression.weights, back.regression.weights) {
      #expect(abs(weight - stored) <= abs(weight) / 2048 + 1e-7)
    }
    // What has been rounded once is stored exactly.
    #expect(try back.bytes() == bytes)
  }

  @Test func halfPrecisionRoundsAsTheStandardSays() throws {
    // Value, and what binary16 makes of it: ties to even, subnormals, the largest number.
    let cases: [(Float, Float)] = [
      (1, 1), (-1.5, -1.5), (0.1, 0.099975586), (2049, 2048), (2051, 2052), (65504, 65504), (0, 0),
      (5.9604645e-8, 5.9604645e-8), (2.9e-8, 0), (3e-8, 5.9604645e-8), (6.102e-5, 6.1035156e-5), (1e-30, 0),
      (6.0975552e-5, 6.0975552e-5), (1.9997559, 2), (-3.3e-7, -3.5762787e-7),
    ]
    let regression = try SoftmaxRegression(
      classNames: ["a", "b"], featureCount: cases.count, weights: cases.map(\.0) + cases.map(\.0),
      biases: [0, 0])
    let stored = try HeadFile(bytes: HeadFile(regression: regression, encoder: "", recipe: "").bytes())
    for (weight, (_, expected)) in zip(stored.regression.weights, cases) { #expect(weight == expected) }
    let large = try SoftmaxRegression(
      classNames: ["a", "b"], featureCount: 1, weights: [1e5, 0], biases: [0, 0])
    #expect(throws: SibylError.self) {
      try HeadFile(regression: large, encoder: "", recipe: "").bytes(precision: .half)
    }
  }

  @Test func everyCutAndEveryChangedByteIsRefused() throws {
    let bytes = try example(width: 9).bytes()
    for count in 0..<bytes.count {
      #expect(throws: SibylError.self) { try HeadFile(bytes: Array(bytes.prefix(count))) }
    }
    #expect(throws: SibylError.self) { try HeadFile(bytes: bytes + [0]) }
    for index in bytes.indices {
      var changed = bytes
      changed[index] ^= 0x41
      #expect(throws: SibylError.self) { try HeadFile(bytes: changed) }
    }
  }

  /// Headers that lie, with a checksum that fits: what a checksum cannot catch, the counts must.
  @Test func hostileFilesWithAFittingChecksumAreRefusedOrRead() throws {
    let original = try example(width: 5).bytes()
    var generator = HeadTestGenerator(seed: 4242)
    var refused = 0
    for _ in 0..<20_000 {
      var body = Array(original.dropLast(8))
      for _ in 0..<Int.random(in: 1...4, using: &generator) {
        let index = Int.random(in: 0..<body.count, using: &generator)
        body[index] =
          [0, 1, 0x7F, 0x80, 0xFF, UInt8.random(in: 0...255, using: &generator)].randomElement(
            using: &generator) ?? 0
      }
      if Bool.random(using: &generator) {
        body.removeLast(Int.random(in: 0..<body.count, using: &generator))
      }
      do throws(SibylError) {
        let file = try HeadFile(bytes: sealed(body))
        #expect(file.regression.weights.allSatisfy { $0.isFinite })
        #expect(file.regression.weights.count == file.regression.classCount * file.regression.featureCount)
      } catch {
        #expect(error.kind == .corruptFile)
        refused += 1
      }
    }
    #expect(refused > 10_000)
  }

  @Test func particularLiesAreNamed() throws {
    let body = Array(try example(width: 5).bytes().dropLast(8))
    func message(_ change: (inout [UInt8]) -> Void) -> String {
      var changed = body
      change(&changed)
      do throws(SibylError) {
        _ = try HeadFile(bytes: sealed(changed))
        return "accepted"
      } catch { return error.message }
    }
    #expect(message { $0[8] = 2 }.contains("version 2"))
    #expect(message { $0[12] = 1 }.contains("1 classes"))
    #expect(
      message { $0.replaceSubrange(12..<20, with: [UInt8](repeating: 0xFF, count: 8)) }.contains("classes"))
    #expect(message { $0[16] = 6 }.contains("should have"))
    #expect(message { $0[20] = 3 }.contains("weights of 3 bytes"))
    #expect(message { $0[28] = 0xFF }.contains("UTF-8"))
    // The last weight becomes a half-precision infinity.
    #expect(message { $0.replaceSubrange($0.count - 2..<$0.count, with: [0x00, 0x7C]) }.contains("finite"))
    #expect(message { _ in } == "accepted")
  }

  @Test func textsWithZeroBytesAreNotWritten() throws {
    var file = try example()
    file.recipe = "a\u{0}b"
    #expect(throws: SibylError.self) { try file.bytes() }
  }

  /// FNV-1a as its authors state it, written a second time.
  private func sealed(_ body: [UInt8]) -> [UInt8] {
    var hash: UInt64 = 14_695_981_039_346_656_037
    for byte in body { hash = (hash ^ UInt64(byte)) &* 1_099_511_628_211 }
    return body + (0..<8).map { UInt8(truncatingIfNeeded: hash >> (8 * UInt64($0))) }
  }
}
