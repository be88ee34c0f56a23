import Diagnostics
import ModelFiles
import Testing

@Suite("Writing safetensors") struct SafetensorsWriterTests {
  static func tensor(_ name: String, _ values: [Float], _ shape: [Int]) -> SafetensorsWriter.Tensor {
    SafetensorsWriter.Tensor(
      name: name, elementType: .float32, shape: shape,
      bytes: values.flatMap { value in (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> (8 * $0)) }
      })
  }

  @Test func comesBackAsItWas() throws {
    let values: [Float] = [1, -2, 0.5, 1e-30, 3, 4]
    let bytes = try SafetensorsWriter.bytes(
      [
        Self.tensor("b \"quoted\"", values, [2, 3]), Self.tensor("a", [7], [1]),
        Self.tensor("none", [], [0, 4]),
      ],
      metadata: ["format": "of a test", "text": "line\nline"])
    let file = try SafetensorsFile(bytes: bytes, name: "memory")
    #expect(file.tensorNames == ["a", "b \"quoted\"", "none"])
    #expect(file.metadata == ["format": "of a test", "text": "line\nline"])
    #expect(try file.floats("b \"quoted\"", shape: [2, 3]) == values)
    #expect(try file.floats("a", shape: [1]) == [7])
    #expect(try file.floats("none", shape: [0, 4]) == [])
  }

  @Test func refusesWhatDoesNotFit() throws {
    #expect(throws: SibylError.self) { try SafetensorsWriter.bytes([Self.tensor("a", [1, 2], [3])]) }
    #expect(throws: SibylError.self) { try SafetensorsWriter.bytes([Self.tensor("a", [], [-1])]) }
    #expect(throws: SibylError.self) { try SafetensorsWriter.bytes([Self.tensor("a", [], [.max, 8])]) }
    #expect(throws: SibylError.self) {
      try SafetensorsWriter.bytes([Self.tensor("a", [1], [1]), Self.tensor("a", [1], [1])])
    }
  }

  @Test func memoryThatIsCutOffIsRefused() throws {
    let bytes = try SafetensorsWriter.bytes([Self.tensor("a", [1, 2, 3], [3])])
    for count in 0..<bytes.count {
      #expect(throws: SibylError.self) {
        try SafetensorsFile(bytes: Array(bytes.prefix(count)), name: "memory")
      }
    }
  }
}
