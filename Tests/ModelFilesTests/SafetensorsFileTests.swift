import Diagnostics
import Foundation
import ModelFiles
import TestSupport
import Testing

@Suite struct SafetensorsFileTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func open(_ bytes: [UInt8], _ name: String = "model.safetensors") throws -> SafetensorsFile {
    try SafetensorsFile(path: folder.write(name, bytes))
  }

  // MARK: Sound files

  @Test func readsTensors() throws {
    let file = try open(SafetensorsBuilder.smallFile())
    #expect(
      file.tensorNames == ["brain", "double", "embeddings", "empty", "half", "ids", "scalar"])
    #expect(file.metadata == ["format": "pt"])
    #expect(file.contains("half"))
    #expect(!file.contains("third"))
    #expect(try file.floats("embeddings", shape: [3, 4]) == (0..<12).map { Float($0) - 5.5 })
    #expect(try file.floats("embeddings", shape: [3, 4], rows: 1..<3) == (4..<12).map { Float($0) - 5.5 })
    #expect(try file.floats("embeddings", shape: [3, 4], rows: 2..<2) == [])
    #expect(try file.floats("half", shape: [2]) == [1, -2])
    #expect(try file.floats("brain", shape: [2, 1]) == [1, -1.5])
    #expect(try file.floats("double", shape: [2]) == [0.1, -1e10])
    #expect(try file.floats("scalar", shape: []) == [7])
    #expect(try file.floats("empty", shape: [0, 4]) == [])

    let ids = try file.description(of: "ids")
    #expect(ids.elementType == .int64 && ids.count == 2 && ids.range.count == 16)
    var raw = [Int64](repeating: 0, count: 2)
    try raw.withUnsafeMutableBytes { try file.read("ids", into: $0) }
    #expect(raw == [1, -1])

    var row = [Float](repeating: 0, count: 4)
    try row.withUnsafeMutableBufferPointer {
      try file.readFloats("embeddings", shape: [3, 4], rows: 2..<3, into: $0)
    }
    #expect(row == [2.5, 3.5, 4.5, 5.5])
  }

  @Test func acceptsAPaddedHeader() throws {
    let header = #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}      "#
    let file = try open(SafetensorsBuilder.file(header: header, data: SafetensorsBuilder.bytes([Float(1)])))
    #expect(try file.floats("a", shape: [1]) == [1])
  }

  @Test func widensEveryHalf() throws {
    // All finite halves, zeros and subnormals among them, against the definition of IEEE 754.
    let halves = (UInt16.min...UInt16.max).filter { $0 & 0x7C00 != 0x7C00 }
    let file = try open(
      SafetensorsBuilder.file([("h", "F16", [halves.count], SafetensorsBuilder.bytes(halves))]))
    let floats = try file.floats("h", shape: [halves.count])
    for (half, float) in zip(halves, floats) {
      let fraction = Double(half & 0x3FF)
      let exponent = Int(half >> 10 & 0x1F)
      let magnitude =
        exponent == 0 ? fraction * pow(2, -24) : (1 + fraction / 1024) * pow(2, Double(exponent - 15))
      let expected = Float(half & 0x8000 == 0 ? magnitude : -magnitude)
      #expect(float.bitPattern == expected.bitPattern, "\(half)")
    }
  }

  // MARK: What the caller asks for

  @Test func refusesWhatIsNotThere() throws {
    let file = try open(SafetensorsBuilder.smallFile())
    expectError("has no tensor \"third\"") { try file.floats("third", shape: [1]) }
    expectError("has the shape [3, 4], where [4, 3] is expected") {
      try file.floats("embeddings", shape: [4, 3])
    }
    expectError("holds I64, where a floating-point type") { try file.floats("ids", shape: [2]) }
    expectError("rows 2..<4", kind: .internalFault) {
      try file.floats("embeddings", shape: [3, 4], rows: 2..<4)
    }
    expectError("do not fit", kind: .internalFault) {
      try withUnsafeTemporaryAllocation(of: Float.self, capacity: 11) {
        try file.readFloats("embeddings", shape: [3, 4], into: $0)
      }
    }
  }

  @Test func refusesNumbersThatAreNotFinite() throws {
    for (type, bytes) in [
      ("F32", SafetensorsBuilder.bytes([Float(1), .nan])),
      ("F16", SafetensorsBuilder.bytes([UInt16(0), 0x7C00])),
      ("BF16", SafetensorsBuilder.bytes([UInt16(0xFF80), 0])), ("F64", SafetensorsBuilder.bytes([1e300, 0])),
    ] {
      let file = try open(SafetensorsBuilder.file([("w", type, [2], bytes)]), type)
      expectError("the tensor \"w\"") { try file.floats("w", shape: [2]) }
      expectError("not finite") { try file.floats("w", shape: [2]) }
    }
  }

  @Test func aFileCutWhileOpenGivesAnError() throws {
    let bytes = SafetensorsBuilder.smallFile()
    let file = try open(bytes)
    #expect(truncate(file.path, off_t(bytes.count - 200)) == 0)
    expectError("is cut off") { try file.floats("embeddings", shape: [3, 4]) }
    expectError("is cut off") { try file.floats("scalar", shape: []) }
  }

  @Test func refusesWhatIsNoFile() throws {
    expectError("cannot open", kind: .unavailable) { try SafetensorsFile(path: folder.path + "/absent") }
    expectError("not a regular file", kind: .unavailable) { try SafetensorsFile(path: folder.path) }
    #expect(mkfifo(folder.path + "/pipe", 0o600) == 0)
    expectError("not a regular file", kind: .unavailable) {
      try SafetensorsFile(path: folder.path + "/pipe")
    }
  }

  // MARK: Hostile files

  static let brokenHeaders: [(header: String, dataSize: Int, reason: String)] = [
    ("", 0, "does not begin with \"{\""),
    (" {}", 0, "does not begin with \"{\""),
    ("{", 0, "invalid JSON"),
    ("{}{}", 0, "expected the end of the text"),
    ("{\"a\":[[[[1]]]]}", 0, "nest deeper"),
    ("{\"a\":1}", 0, "the tensor \"a\" is a number, not an object"),
    (tensor("a", #""shape":[1],"data_offsets":[0,4]"#), 4, "has no dtype"),
    (tensor("a", #""dtype":5,"shape":[1],"data_offsets":[0,4]"#), 4, "has no dtype"),
    (tensor("a", #""dtype":"F31","shape":[1],"data_offsets":[0,4]"#), 4, "unknown dtype, \"F31\""),
    (tensor("a", #""dtype":"F32","data_offsets":[0,4]"#), 4, "has no shape"),
    (tensor("a", #""dtype":"F32","shape":{},"data_offsets":[0,4]"#), 4, "has no shape"),
    (tensor("a", #""dtype":"F32","shape":[-1],"data_offsets":[0,4]"#), 4, "has -1 in its shape"),
    (tensor("a", #""dtype":"F32","shape":[1.0],"data_offsets":[0,4]"#), 4, "has 1.0 in its shape"),
    (tensor("a", #""dtype":"F32","shape":["1"],"data_offsets":[0,4]"#), 4, "has \"1\" in its shape"),
    (
      tensor("a", #""dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,4]"#), 4, "size overflows"
    ),
    (
      tensor("a", #""dtype":"F64","shape":[4611686018427387904],"data_offsets":[0,8]"#), 8, "size overflows"
    ),
    (
      tensor("a", #""dtype":"F64","shape":[99999999999999999999],"data_offsets":[0,8]"#), 8,
      "has 1e+20 in its shape"
    ),
    (tensor("a", #""dtype":"F32","shape":[1]"#), 4, "has no data_offsets"),
    (tensor("a", #""dtype":"F32","shape":[1],"data_offsets":[0]"#), 4, "has no data_offsets"),
    (tensor("a", #""dtype":"F32","shape":[1],"data_offsets":[0,4.5]"#), 4, "has no data_offsets"),
    (tensor("a", #""dtype":"F32","shape":[1],"data_offsets":[4,0]"#), 4, "out of order"),
    (tensor("a", #""dtype":"F32","shape":[1],"data_offsets":[-4,0]"#), 4, "out of order"),
    (tensor("a", #""dtype":"F32","shape":[2],"data_offsets":[0,8]"#), 4, "the file is cut off"),
    (
      tensor("a", #""dtype":"F32","shape":[1],"data_offsets":[9223372036854775803,9223372036854775807]"#), 4,
      "the file is cut off"
    ),
    (
      tensor("a", #""dtype":"F32","shape":[3],"data_offsets":[0,4]"#), 4,
      "takes 4 bytes, where F32 with shape [3] needs 12"
    ),
    (
      "{" + member("a", 0, 4) + "," + member("a", 4, 8) + "}", 8, "its header names \"a\" twice"
    ),
    (
      tensor("a", #""dtype":"F32","dtype":"F32","shape":[1],"data_offsets":[0,4]"#), 4,
      "has two members \"dtype\""
    ),
    ("{" + member("a", 0, 4) + "," + member("b", 0, 4) + "}", 4, "the tensor \"b\" overlaps"),
    ("{" + member("a", 0, 4) + "," + member("b", 2, 6) + "}", 6, "the tensor \"b\" overlaps"),
    ("{" + member("a", 0, 4) + "," + member("b", 5, 9) + "}", 9, "the tensor \"b\" leaves a hole"),
    ("{" + member("a", 4, 8) + "}", 8, "the tensor \"a\" leaves a hole"),
    ("{" + member("a", 0, 4) + "}", 6, "2 bytes at its end belong to no tensor"),
    ("{" + member("\u{E9}", 0, 4) + "," + member("e\u{301}", 4, 8) + "}", 8, "Unicode composition"),
    ("{\"__metadata__\":[]}", 0, "__metadata__ is an array, not an object"),
    ("{\"__metadata__\":{\"a\":1}}", 0, "__metadata__ holds a number for \"a\", not a string"),
    ("{\"__metadata__\":{\"a\":\"\",\"a\":\"\"}}", 0, "__metadata__ names \"a\" twice"),
  ]

  private static func tensor(_ name: String, _ members: String) -> String { "{\"\(name)\":{\(members)}}" }

  private static func member(_ name: String, _ start: Int, _ end: Int) -> String {
    "\"\(name)\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[\(start),\(end)]}"
  }

  @Test(arguments: brokenHeaders)
  func refusesABrokenHeader(header: String, dataSize: Int, reason: String) throws {
    let bytes = SafetensorsBuilder.file(header: header, data: [UInt8](repeating: 0, count: dataSize))
    expectError("model.safetensors is not a sound safetensors file: ") { try open(bytes) }
    expectError(reason) { try open(bytes) }
  }

  @Test func refusesABrokenLength() throws {
    expectError("it has 0 bytes") { try open([]) }
    expectError("it has 7 bytes") { try open([1, 2, 3, 4, 5, 6, 7]) }
    expectError("claims 18446744073709551615 bytes, where at most 10000000") {
      try open([UInt8](repeating: 0xFF, count: 64))
    }
    expectError("claims 9223372036854775807 bytes") { try open(SafetensorsBuilder.bytes(UInt64(Int64.max))) }
    expectError("claims 60 bytes, but only 2 follow") {
      try open(SafetensorsBuilder.bytes(60) + [0x7B, 0x7D])
    }
  }

  @Test func refusesAFileCutAnywhere() throws {
    let bytes = SafetensorsBuilder.smallFile()
    for step in 0..<50 {
      let cut = Array(bytes[..<(bytes.count * step / 50)])
      expectError("is not a sound safetensors file") { try open(cut) }
    }
    expectError("is not a sound safetensors file") { try open(bytes + [0]) }
  }

  @Test(arguments: 0..<4)
  func mutatedFilesNeverTrap(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let sound = SafetensorsBuilder.smallFile()
    var refused = 0
    for _ in 0..<500 {
      var bytes = sound
      for _ in 0..<Int.random(in: 1...5, using: &random) {
        let position = Int.random(in: 0..<bytes.count, using: &random)
        switch Int.random(in: 0..<4, using: &random) {
        case 0: bytes[position] = UInt8.random(in: 0...255, using: &random)
        case 1: bytes[position] = Array("0123456789-[]{}\",:".utf8).randomElement(using: &random) ?? 0
        case 2: bytes.remove(at: position)
        default: bytes.insert(bytes[position], at: position)
        }
      }
      guard let file = try? open(bytes) else {
        refused += 1
        continue
      }
      // Whatever passes the checks can be read.
      for name in file.tensorNames {
        let tensor = try file.description(of: name)
        #expect(tensor.range.upperBound <= bytes.count)
        _ = try? file.floats(name, shape: tensor.shape)
        var raw = [UInt8](repeating: 0, count: tensor.range.count)
        try raw.withUnsafeMutableBytes { try file.read(name, into: $0) }
      }
    }
    #expect(refused > 100)
  }
}
