import Diagnostics
import Foundation
import ModelFiles
import TestSupport
import Testing

@Suite struct GGUFFileTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func open(_ bytes: some Sequence<UInt8>, _ name: String = "model.gguf") throws -> GGUFFile {
    try GGUFFile(path: folder.write(name, bytes))
  }

  private func open(_ builder: GGUFBuilder) throws -> GGUFFile { try open(builder.build().bytes) }

  // MARK: Sound files

  @Test(arguments: [UInt32(2), 3])
  func readsTensors(version: UInt32) throws {
    var builder = GGUFBuilder.smallModel()
    builder.version = version
    let file = try open(builder)
    #expect(file.version == Int(version) && file.alignment == 32)
    #expect(file.tensorNames == ["empty", "norm", "quantised", "scalar", "table"])
    #expect(file.contains("norm") && !file.contains("third"))
    #expect(try file.floats("table", shape: [3, 4]) == (0..<12).map { Float($0) - 5.5 })
    #expect(try file.floats("table", shape: [3, 4], rows: 1..<3) == (4..<12).map { Float($0) - 5.5 })
    #expect(try file.floats("table", shape: [3, 4], rows: 2..<2) == [])
    #expect(try file.floats("norm", shape: [4]) == [1, 2, 3, 4])
    #expect(try file.floats("norm", shape: [4], rows: 1..<3) == [2, 3])
    #expect(try file.floats("scalar", shape: []) == [7])
    #expect(try file.floats("empty", shape: [0, 4]) == [])
    let quantised = try file.description(of: "quantised")
    #expect(quantised.type == .q8_0 && quantised.shape == [2, 32] && quantised.count == 64)
    #expect(quantised.range.count == 68 && quantised.range.lowerBound % 32 == 0)
    var blocks = [UInt8](repeating: 0, count: 34)
    try blocks.withUnsafeMutableBytes { try file.readBlocks("quantised", rows: 1..<2, into: $0) }
    #expect(blocks[2...] == (36..<68).map { UInt8($0) }[...])
    var row = [Float](repeating: 0, count: 4)
    try row.withUnsafeMutableBufferPointer {
      try file.readFloats("table", shape: [3, 4], rows: 2..<3, into: $0)
    }
    #expect(row == [2.5, 3.5, 4.5, 5.5])
  }

  @Test func readsMetadataOfEveryKind() throws {
    let fixture = try #require(Bundle.module.url(forResource: "Fixtures/types", withExtension: "gguf"))
    let file = try GGUFFile(path: fixture.path)
    #expect(file.metadataKeys.count == 18 && file.hasMetadata("test.int8"))
    #expect(try file.text("general.name") == "Typen, tipos, 类型")
    #expect(try file.integer("test.uint8") == 200 && file.integer("test.int8") == -100)
    #expect(try file.integer("test.uint16") == 60000 && file.integer("test.int16") == -30000)
    #expect(
      try file.integer("test.uint32") == 4_000_000_000 && file.integer("test.int32") == -2_000_000_000)
    #expect(try file.integer("test.int64") == .min)
    #expect(file.metadata("test.uint64") == .unsigned(.max))
    #expect(try file.number("test.float32") == Double(Float(0.1)) && file.number("test.float64") == 0.1)
    #expect(try file.number("test.int8") == -100)
    #expect(try file.boolean("test.true") && !file.boolean("test.false"))
    let texts = try file.texts("test.texts")
    #expect(texts.map { String(decoding: $0, as: UTF8.self) } == ["", "a", "Ġthe", "语言"])
    #expect(file.metadata("test.texts") == .texts(texts))
    #expect(try file.integers("test.integers") == [3, 1, -4])
    #expect(try file.floats("test.floats") == [0.5, -0.25, 1e-3])
    #expect(
      file.metadata("test.booleans") == .array([.boolean(true), .boolean(false), .boolean(true)]))

    #expect(try file.textIfPresent("test.absent") == nil && file.integersIfPresent("test.absent") == nil)
    expectError("lacks the metadata \"test.absent\"") { try file.text("test.absent") }
    expectError("lacks the metadata \"test.absent\"") { try file.texts("test.absent") }
    expectError("\"test.int8\" of \(fixture.path) is a whole number, where a text is expected") {
      try file.text("test.int8")
    }
    expectError("where a whole number is expected") { try file.integer("test.uint64") }
    expectError("is a number, where a whole number is expected") { try file.integer("test.float64") }
    expectError("is a text, where a number") { try file.number("general.name") }
    expectError("where true or false") { try file.boolean("test.int8") }
    expectError("is a list, where a list of texts") { try file.texts("test.integers") }
    expectError("is a list of texts, where a list of whole numbers") { try file.integers("test.texts") }
    expectError("where a list of single-precision numbers") { try file.floats("test.int8") }
  }

  @Test func readsNestedListsAndOtherAlignments() throws {
    var builder = GGUFBuilder.smallModel()
    builder.alignment = 256
    builder.add("general.alignment", 256)
    let inner = GGUFBuilder.bytes(UInt32(0)) + GGUFBuilder.bytes(UInt64(2)) + [5, 6]
    builder.add(
      "nested", type: 9, GGUFBuilder.bytes(UInt32(9)) + GGUFBuilder.bytes(UInt64(2)) + inner + inner)
    let file = try open(builder)
    #expect(file.alignment == 256)
    let row = GGUFValue.array([.unsigned(5), .unsigned(6)])
    #expect(file.metadata("nested") == .array([row, row]))
    #expect(try file.description(of: "norm").range.lowerBound % 256 == 0)
    #expect(try file.floats("norm", shape: [4]) == [1, 2, 3, 4])
  }

  /// A header that does not fit the first piece that is read.
  @Test func readsALongHeader() throws {
    var builder = GGUFBuilder.smallModel()
    let texts = (0..<200_000).map { "token \($0)" }
    builder.add("long", texts)
    let file = try open(builder)
    let read = try file.texts("long")
    #expect(read.count == texts.count)
    #expect(zip(read, texts).allSatisfy { $0.elementsEqual($1.utf8) })
    #expect(try file.floats("norm", shape: [4]) == [1, 2, 3, 4])
  }

  @Test func textThatIsNotUTF8IsRepairedWhereItIsAValue() throws {
    var builder = GGUFBuilder()
    builder.add("general.name", type: 8, GGUFBuilder.bytes(UInt64(3)) + [0x61, 0xFF, 0x62])
    builder.add("general.empty", "")
    #expect(try open(builder).text("general.name") == "a\u{FFFD}b")
    #expect(try open(builder).text("general.empty") == "")
  }

  // MARK: What the caller asks for

  @Test func refusesWhatIsNotThere() throws {
    let file = try open(GGUFBuilder.smallModel())
    expectError("has no tensor \"third\"") { try file.floats("third", shape: [1]) }
    expectError("has the shape [3, 4], where [4, 3] is expected") { try file.floats("table", shape: [4, 3]) }
    expectError("rows 2..<4", kind: .internalFault) { try file.floats("table", shape: [3, 4], rows: 2..<4) }
    expectError("split a block", kind: .internalFault) {
      var builder = GGUFBuilder()
      builder.add(tensor: "v", type: 8, [64], [UInt8](repeating: 0, count: 68))
      return try open(builder).floats("v", shape: [64], rows: 3..<35)
    }
    expectError("do not fit", kind: .internalFault) {
      try withUnsafeTemporaryAllocation(of: Float.self, capacity: 11) {
        try file.readFloats("table", shape: [3, 4], into: $0)
      }
    }
    expectError("do not fit", kind: .internalFault) {
      try withUnsafeTemporaryAllocation(byteCount: 67, alignment: 8) {
        try file.readBlocks("quantised", into: $0)
      }
    }
  }

  @Test func refusesATypeThatItDoesNotRead() throws {
    let fixture = try #require(Bundle.module.url(forResource: "Fixtures/types", withExtension: "gguf"))
    let file = try GGUFFile(path: fixture.path)
    expectError("is of the type IQ4_XS; supported are F32, F16, Q4_0, Q4_1, ", kind: .invalidArgument) {
      try file.floats("blocks.IQ4_XS", shape: [2, 512])
    }
  }

  @Test func aFileCutWhileOpenGivesAnError() throws {
    let bytes = GGUFBuilder.smallModel().build().bytes
    let file = try open(bytes)
    #expect(truncate(file.path, off_t(bytes.count - 200)) == 0)
    expectError("is cut off") { try file.floats("quantised", shape: [2, 32]) }
    expectError("is cut off") { try file.floats("scalar", shape: []) }
  }

  @Test func refusesWhatIsNoFile() throws {
    expectError("cannot open", kind: .unavailable) { try GGUFFile(path: folder.path + "/absent") }
    expectError("not a regular file", kind: .unavailable) { try GGUFFile(path: folder.path) }
  }
}
