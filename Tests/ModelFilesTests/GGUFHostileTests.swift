import Diagnostics
import Foundation
import ModelFiles
import TestSupport
import Testing

/// Files that lie, end too soon or are noise: each gives an error, none a crash.
@Suite struct GGUFHostileTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder(inMemory: true) }

  private func open(_ bytes: some Sequence<UInt8>) throws -> GGUFFile {
    try GGUFFile(path: folder.write("model.gguf", bytes))
  }

  private func refuse(
    _ reason: String, sourceLocation: SourceLocation = #_sourceLocation, _ change: (inout GGUFBuilder) -> Void
  ) {
    var builder = GGUFBuilder.smallModel()
    change(&builder)
    let bytes = builder.build().bytes
    expectError("model.gguf is not a sound GGUF file: ", sourceLocation: sourceLocation) { try open(bytes) }
    expectError(reason, sourceLocation: sourceLocation) { try open(bytes) }
  }

  private static func list(_ type: UInt32, _ count: UInt64, _ bytes: [UInt8] = []) -> [UInt8] {
    GGUFBuilder.bytes(type) + GGUFBuilder.bytes(count) + bytes
  }

  @Test func refusesABrokenHead() {
    refuse("does not begin with \"GGUF\"") { $0.magic = Array("GGML".utf8) }
    refuse("of version 1") { $0.version = 1 }
    refuse("of version 4") { $0.version = 4 }
    refuse("big-endian") { $0.version = UInt32(3).byteSwapped }
    refuse("items are claimed") { $0.tensorCount = 1_000_000 }
    refuse("18446744073709551615 items are claimed at byte 8") { $0.tensorCount = .max }
    refuse("items are claimed") { $0.pairCount = 1 << 62 }
    refuse("9223372036854775807 items are claimed at byte 16") { $0.pairCount = UInt64(Int64.max) }
  }

  @Test func refusesBrokenMetadata() {
    refuse("\"general.license\" comes twice") { $0.add("general.license", "apache") }
    refuse("comes twice") {
      $0.add("\u{E9}", true)
      $0.add("e\u{301}", true)
    }
    refuse("has an unknown type, 13") { $0.add("x", type: 13, [0]) }
    refuse("has an unknown type, 77") { $0.add("x", type: 9, Self.list(77, 1, [0])) }
    refuse("holds 2, where 0 or 1") { $0.add("x", type: 7, [2]) }
    refuse("holds 255, where 0 or 1") { $0.add("x", type: 9, Self.list(7, 2, [1, 255])) }
    refuse("has 0 bytes, where 1 to 65535") { $0.add("", true) }
    refuse("has 65536 bytes") { $0.add(String(repeating: "k", count: 65_536), true) }
    refuse("is not UTF-8") { $0.add(raw: GGUFBuilder.bytes(UInt64(1)) + [0xFF]) }
    refuse("items are claimed") { $0.add(raw: GGUFBuilder.bytes(UInt64.max)) }
    refuse("items are claimed") { $0.add("x", type: 8, GGUFBuilder.bytes(UInt64.max)) }
    refuse("items are claimed") { $0.add("x", type: 8, GGUFBuilder.bytes(UInt64(1) << 40)) }
    refuse("items are claimed") { $0.add("x", type: 9, Self.list(12, 1 << 61)) }
    refuse("items are claimed") { $0.add("x", type: 9, Self.list(8, 1 << 60)) }
    refuse("items are claimed") { $0.add("x", type: 9, Self.list(0, .max)) }
    refuse("nests lists deeper than 4") {
      var value = Self.list(0, 0)
      for _ in 0..<5 { value = Self.list(9, 1, value) }
      $0.add("x", type: 9, value)
    }
    refuse("nests lists deeper than 4") {
      $0.add("x", type: 9, (0..<20_000).flatMap { _ in Self.list(9, 1) })
    }
    refuse("general.alignment is 0") { $0.add("general.alignment", 0) }
    refuse("general.alignment is 48") { $0.add("general.alignment", 48) }
    refuse("general.alignment is 2147483648") { $0.add("general.alignment", 1 << 31) }
    refuse("no 32-bit unsigned integer") { $0.add("general.alignment", "32") }
  }

  @Test func refusesBrokenTensors() {
    func change(_ edit: @escaping (inout GGUFBuilder.Tensor) -> Void) -> (inout GGUFBuilder) -> Void {
      { edit(&$0.tensors[0]) }
    }
    refuse("has 5 dimensions", change { $0.dimensions = [4, 3, 1, 1, 1] })
    refuse("has 4294967295 dimensions") {
      $0.add(raw: [])
      $0.pairCount = UInt64($0.pairs.count - 1)
      $0.tensors = []
      $0.tensorCount = 1
      $0.add(raw: GGUFBuilder.text("t") + GGUFBuilder.bytes(UInt32.max) + [UInt8](repeating: 0, count: 40))
      $0.pairCount = UInt64($0.pairs.count - 2)
    }
    refuse("has a dimension of 18446744073709551615", change { $0.dimensions = [.max] })
    refuse("size overflows", change { $0.dimensions = [1 << 32, 1 << 32] })
    refuse("size overflows", change { $0.dimensions = [1 << 61] })
    refuse("size overflows", change { $0.dimensions = [1 << 62, 2] })
    refuse("is cut off", change { $0.dimensions = [1 << 60] })
    refuse("has the type 4, which", change { $0.type = 4 })
    refuse("has the type 4294967295, which", change { $0.type = .max })
    refuse("has rows of 4 elements, where Q4_K needs a multiple of 256", change { $0.type = 12 })
    refuse("has rows of 1 elements, where Q8_0") { $0.tensors[3].type = 8 }
    refuse("is no multiple of 32", change { $0.offset = 8 })
    refuse("is no multiple of 32", change { $0.offset = .max })
    refuse("is cut off", change { $0.offset = UInt64(Int64.max) - 31 })
    refuse("overlaps the one before it") { $0.tensors[1].offset = 0 }
    refuse("the tensor \"norm\" comes twice") { $0.tensors[0].name = "norm" }
    refuse("has 0 bytes", change { $0.name = "" })
  }

  @Test func refusesAFileCutAnywhere() throws {
    let (bytes, headerEnd) = GGUFBuilder.smallModel().build()
    for cut in 0..<headerEnd {
      expectError("is not a sound GGUF file") { try open(bytes[..<cut]) }
    }
    for cut in headerEnd..<bytes.count {
      expectError("is cut off") { try open(bytes[..<cut]) }
    }
    _ = try open(bytes)
  }

  /// Whatever passes the checks can be read.
  private func readEverything(_ file: GGUFFile, size: Int) throws {
    for key in file.metadataKeys {
      _ = try #require(file.metadata(key))
      _ = try? file.texts(key)
      _ = try? file.integers(key)
      _ = try? file.floats(key)
    }
    for name in file.tensorNames {
      let tensor = try file.description(of: name)
      try #require(tensor.range.upperBound <= size)
      _ = try? file.floats(name, shape: tensor.shape)
      var blocks = [UInt8](repeating: 0, count: tensor.range.count)
      try blocks.withUnsafeMutableBytes { try file.readBlocks(name, into: $0) }
    }
  }

  @Test(arguments: 0..<4)
  func mutatedFilesNeverTrap(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let (sound, headerEnd) = GGUFBuilder.smallModel().build()
    var refused = 0
    for _ in 0..<1000 {
      var bytes = sound
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        // Mostly in the header, where the lengths are.
        let position = Int.random(
          in: 0..<(Bool.random(using: &random) ? headerEnd : bytes.count), using: &random)
        switch Int.random(in: 0..<6, using: &random) {
        case 0: bytes[position] = UInt8.random(in: 0...255, using: &random)
        case 1: bytes[position] ^= 1 << UInt8.random(in: 0...7, using: &random)
        case 2: bytes.remove(at: position)
        case 3: bytes.insert(bytes[position], at: position)
        case 4:
          let end = min(bytes.count, position + 8)
          let filler: UInt8 = [0, 0x7F, 0x80, 0xFF].randomElement(using: &random) ?? 0
          for index in position..<end { bytes[index] = filler }
        default: bytes.removeLast(Int.random(in: 0..<40, using: &random))
        }
      }
      guard let file = try? open(bytes) else {
        refused += 1
        continue
      }
      try readEverything(file, size: bytes.count)
    }
    #expect(refused > 200)
  }

  @Test func noiseNeverTraps() throws {
    var random = SeededGenerator(seed: 99)
    for _ in 0..<1000 {
      let count = Int.random(in: 0...400, using: &random)
      let isSparse = Bool.random(using: &random)
      var bytes = (0..<count).map { _ -> UInt8 in
        let byte = UInt8.random(in: 0...255, using: &random)
        return isSparse && byte > 40 ? 0 : byte & (isSparse ? 15 : 255)
      }
      // Past the head, which noise would never pass.
      if Int.random(in: 0..<4, using: &random) > 0 {
        let few = UInt64.random(in: 0..<3, using: &random)
        bytes =
          Array("GGUF".utf8) + GGUFBuilder.bytes(UInt32(3)) + GGUFBuilder.bytes(few)
          + GGUFBuilder.bytes(UInt64.random(in: 0..<3, using: &random)) + bytes
      }
      if let file = try? open(bytes) { try readEverything(file, size: bytes.count) }
    }
  }
}
