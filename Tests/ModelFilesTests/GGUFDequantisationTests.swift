import Foundation
import ModelFiles
import TestSupport
import Testing

/// Blocks of every type as floats: blocks worked out by hand, and the reference implementation's answers.
@Suite struct GGUFDequantisationTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func floats(_ type: GGUFTensorType, _ bytes: [UInt8]) throws -> [Float] {
    var builder = GGUFBuilder()
    let count = bytes.count / type.blockByteCount * type.blockSize
    builder.add(tensor: "w", type: type.rawValue, [UInt64(count)], bytes)
    let file = try GGUFFile(path: folder.write("\(type.name).gguf", builder.build().bytes))
    return try file.floats("w", shape: [count])
  }

  /// Halves: 0x3C00 is 1, 0x3800 is 0.5, 0x4000 is 2, 0xC000 is -2.
  private static let one: [UInt8] = [0x00, 0x3C]
  private static let half: [UInt8] = [0x00, 0x38]
  private static let two: [UInt8] = [0x00, 0x40]
  private static let minusTwo: [UInt8] = [0x00, 0xC0]
  /// Byte i holds i in its lower half and 15 - i in its upper half.
  private static let nibbles: [UInt8] = (0..<16).map { UInt8($0 | (15 - $0) << 4) }

  @Test func wholeElements() throws {
    #expect(try floats(.float32, SafetensorsBuilder.bytes([Float(1.5), -2])) == [1.5, -2])
    #expect(try floats(.float16, Self.half + Self.minusTwo + [0x01, 0x00]) == [0.5, -2, 0x1p-24])
    #expect(try floats(.bfloat16, [0xC0, 0x3F, 0x00, 0xC0]) == [1.5, -2])
  }

  @Test func blocksOf32() throws {
    let rising = (0..<16).map { Float($0) }
    let falling = (0..<16).map { Float(15 - $0) }
    #expect(
      try floats(.q4_0, Self.half + Self.nibbles)
        == rising.map { ($0 - 8) * 0.5 } + falling.map { ($0 - 8) * 0.5 })
    #expect(
      try floats(.q4_1, Self.half + Self.minusTwo + Self.nibbles)
        == rising.map { $0 * 0.5 - 2 } + falling.map { $0 * 0.5 - 2 })
    // The fifth bits are set for elements 1, 15, 16 and 30.
    let high: [UInt8] = [0x02, 0x80, 0x01, 0x40]
    func fifth(_ values: [Float], _ places: Int...) -> [Float] {
      values.enumerated().map { places.contains($0) ? $1 + 16 : $1 }
    }
    let quants = fifth(rising, 1, 15) + fifth(falling, 0, 14)
    #expect(try floats(.q5_0, Self.two + high + Self.nibbles) == quants.map { ($0 - 16) * 2 })
    #expect(try floats(.q5_1, Self.two + Self.one + high + Self.nibbles) == quants.map { $0 * 2 + 1 })
    let signed = (0..<32).map { Int8($0 * 8 - 128) }
    #expect(
      try floats(.q8_0, Self.half + SafetensorsBuilder.bytes(signed)) == signed.map { Float($0) * 0.5 })
  }

  /// Scales and minima of the eight groups of a Q4_K or Q5_K block, 6 bits each, packed as ggml does.
  private static let groupScales: [Int] = [1, 63, 3, 4, 21, 0, 55, 62]
  private static let groupMinima: [Int] = [0, 2, 63, 5, 40, 17, 1, 60]
  private static let packedScales: [UInt8] = {
    var bytes = [Int](repeating: 0, count: 12)
    for group in 0..<4 {
      bytes[group] = groupScales[group] | (groupScales[group + 4] >> 4) << 6
      bytes[group + 4] = groupMinima[group] | (groupMinima[group + 4] >> 4) << 6
      bytes[group + 8] = groupScales[group + 4] & 15 | (groupMinima[group + 4] & 15) << 4
    }
    return bytes.map { UInt8($0) }
  }()

  @Test func blocksOf256() throws {
    // Element e of group g has the quant (e + g) % 16; groups 2p and 2p + 1 share 32 bytes.
    var low = [UInt8](repeating: 0, count: 128)
    for group in 0..<8 {
      for element in 0..<32 {
        low[group / 2 * 32 + element] |= UInt8((element + group) % 16) << UInt8(group % 2 * 4)
      }
    }
    var expected: [Float] = []
    for group in 0..<8 {
      for element in 0..<32 {
        let scale = 0.5 * Float(Self.groupScales[group])
        expected.append(scale * Float((element + group) % 16) - 2 * Float(Self.groupMinima[group]))
      }
    }
    #expect(try floats(.q4_K, Self.half + Self.two + Self.packedScales + low) == expected)

    // The fifth bit of element e of group g is bit g of byte e: here set where e is a multiple of g + 2.
    var high = [UInt8](repeating: 0, count: 32)
    for group in 0..<8 {
      for element in 0..<32 where element % (group + 2) == 0 {
        high[element] |= 1 << UInt8(group)
        expected[group * 32 + element] += 16 * 0.5 * Float(Self.groupScales[group])
      }
    }
    #expect(try floats(.q5_K, Self.half + Self.two + Self.packedScales + high + low) == expected)
  }

  @Test func q6Blocks() throws {
    // Element e has the quant e % 64 - 32; every 16 share a signed scale. In each half of 128 elements, the
    // lower four bits of elements 0..<64 lie in the lower halves of 64 bytes, those of the rest in the upper
    // halves; the upper two bits of elements e, e + 32, e + 64, e + 96 share a byte.
    var low = [UInt8](repeating: 0, count: 128)
    var high = [UInt8](repeating: 0, count: 64)
    let scales = (0..<16).map { Int8($0 * 15 - 128) }
    var expected: [Float] = []
    for element in 0..<256 {
      let quant = UInt8(element % 64)
      let (part, place) = (element / 128, element % 128)
      low[part * 64 + place % 64] |= (quant & 15) << UInt8(place / 64 * 4)
      high[part * 32 + place % 32] |= (quant >> 4) << UInt8(place / 32 * 2)
      expected.append(0.5 * Float(scales[element / 16]) * (Float(quant) - 32))
    }
    let block = low + high + SafetensorsBuilder.bytes(scales) + Self.half
    #expect(try floats(.q6_K, block) == expected)
  }

  @Test func agreesWithTheReferenceBitForBit() throws {
    let fixture = try #require(Bundle.module.url(forResource: "Fixtures/types", withExtension: "gguf"))
    let file = try GGUFFile(path: fixture.path)
    for type in GGUFTensorType.allCases where type.isReadable {
      #expect(try file.description(of: "blocks." + type.name).type == type)
      let floats = try file.floats("blocks." + type.name, shape: [2, 512])
      let expected = try file.floats("floats." + type.name, shape: [2, 512])
      #expect(floats.map(\.bitPattern) == expected.map(\.bitPattern), "\(type.name)")
      let second = try file.floats("blocks." + type.name, shape: [2, 512], rows: 1..<2)
      #expect(second.map(\.bitPattern) == expected[512...].map(\.bitPattern), "\(type.name)")
    }
  }

  private static let smolLM2 = try? ModelStore().model(named: "smollm2")

  /// Sums over all 134,515,008 values, as the reference's package `gguf` computes them.
  @Test(.enabled(if: smolLM2 != nil, "SKIPPED: no SmolLM2. Run `sibyl models pull smollm2`."))
  func agreesWithTheReferenceOnAWholeModel() throws {
    let file = try #require(Self.smolLM2).gguf()
    #expect(file.tensorNames.count == 272)
    var buffer = [Float](repeating: 0, count: 1 << 20)
    var (count, sum, weighted) = (0, UInt64(0), UInt64(0))
    for name in file.tensorNames {
      let tensor = try file.description(of: name)
      let rows = tensor.shape[0]
      let step = max(1, buffer.count / tensor.elementsPerRow)
      var place: UInt64 = 0
      for start in stride(from: 0, to: rows, by: step) {
        let range = start..<min(start + step, rows)
        try buffer.withUnsafeMutableBufferPointer { buffer in
          let part = UnsafeMutableBufferPointer(rebasing: buffer[..<(range.count * tensor.elementsPerRow)])
          try file.readFloats(name, shape: tensor.shape, rows: range, into: part)
          for value in part {
            let bits = UInt64(value.bitPattern)
            sum &+= bits
            weighted &+= bits &* (2 &* place &+ 1)
            place &+= 1
          }
        }
      }
      count += tensor.count
    }
    #expect(count == 134_515_008)
    #expect(sum == 282_636_107_335_735_488)
    #expect(weighted == 1_120_896_067_161_608_768)
  }

  @Test func refusesNumbersThatAreNotFinite() throws {
    let infinity: [UInt8] = [0x00, 0x7C]
    let notANumber: [UInt8] = [0x01, 0xFC]
    let zeros = [UInt8](repeating: 0, count: 256)
    func blocks(_ type: GGUFTensorType, _ scale: [UInt8], at offset: Int) -> [UInt8] {
      var block = Array(zeros.prefix(type.blockByteCount))
      block.replaceSubrange(offset..<(offset + 2), with: scale)
      return Array(zeros.prefix(type.blockByteCount)) + block
    }
    let places: [(GGUFTensorType, [Int])] = [
      (.float16, [0]), (.q4_0, [0]), (.q4_1, [0, 2]), (.q5_0, [0]), (.q5_1, [0, 2]), (.q8_0, [0]),
      (.q4_K, [0, 2]), (.q5_K, [0, 2]), (.q6_K, [208]),
    ]
    for (type, offsets) in places {
      for offset in offsets {
        for scale in [infinity, notANumber] {
          expectError("holds a value that is not finite") {
            try floats(type, blocks(type, scale, at: offset))
          }
        }
        #expect(try floats(type, blocks(type, [0xFF, 0x7B], at: offset)).allSatisfy(\.isFinite))
      }
    }
    for bits in [[0x80, 0x7F], [0xC0, 0xFF]] as [[UInt8]] {
      expectError("not finite") { try floats(.bfloat16, [0, 0] + bits) }
    }
    expectError("not finite") { try floats(.float32, SafetensorsBuilder.bytes([Float(1), .nan])) }
    expectError("not finite") { try floats(.float32, SafetensorsBuilder.bytes([-Float.infinity])) }
  }
}
