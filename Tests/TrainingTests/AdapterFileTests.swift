import Diagnostics
import ModelFiles
import Models
import TestSupport
import Testing

@Suite("Adapter files") struct AdapterFileTests {
  static let digest = Digest(of: [1, 2, 3] as [UInt8])

  /// Numbers that half precision holds exactly.
  static func file(classes: [String] = ["angry", "calm"]) throws -> AdapterFile {
    let configuration = try TinyEncoder.configuration()
    var generator = SeededGenerator(seed: 3)
    func numbers(_ count: Int) -> [Float] {
      (0..<count).map { _ in Float(Int.random(in: -64...64, using: &generator)) / 256 }
    }
    let factors = (0..<configuration.layers).flatMap { _ in
      AdaptedMatrix.allCases.map {
        LowRankAdapter.Factors(
          a: numbers(3 * $0.inputs(configuration)), b: numbers(3 * $0.outputs(configuration)))
      }
    }
    return AdapterFile(
      adapter: try LowRankAdapter(configuration: configuration, rank: 3, scale: 1.5, factors: factors),
      head: try SoftmaxRegression(
        classNames: classes, featureCount: 128, weights: numbers(classes.count * 128),
        biases: classes.indices.map { 0.1 * Float($0) }),
      encoder: digest, recipe: "by hand\n\"quoted\"")
  }

  static func read(_ bytes: [UInt8], encoder: Digest = digest) throws -> AdapterFile {
    try AdapterFile(
      SafetensorsFile(bytes: bytes, name: "test.safetensors"), configuration: TinyEncoder.configuration(),
      encoder: encoder)
  }

  @Test func comesBackAsItWas() throws {
    let file = try Self.file()
    #expect(try Self.read(file.bytes()) == file)
  }

  @Test func isReadFromDiskToo() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("a.safetensors", Self.file().bytes())
    let found = try AdapterFile(
      SafetensorsFile(path: path), configuration: TinyEncoder.configuration(), encoder: Self.digest)
    #expect(try found == Self.file())
  }

  @Test func isForOneEncoderOnly() throws {
    let bytes = try Self.file().bytes()
    let error = #expect(throws: SibylError.self) {
      try Self.read(bytes, encoder: Digest(of: [9] as [UInt8]))
    }
    #expect(error?.kind == .invalidArgument)
  }

  @Test func damageIsFound() throws {
    let bytes = try Self.file().bytes()
    var generator = SeededGenerator(seed: 11)
    for _ in 0..<300 {
      var damaged = bytes
      switch Int.random(in: 0..<3, using: &generator) {
      case 0: damaged.removeLast(Int.random(in: 1..<bytes.count, using: &generator))
      case 1: damaged.append(0)
      default:
        let place = Int.random(in: 0..<bytes.count, using: &generator)
        damaged[place] ^= UInt8(1 << Int.random(in: 0..<8, using: &generator))
      }
      #expect(throws: SibylError.self) { try Self.read(damaged) }
    }
  }

  @Test func mergedWeightsAreTheSum() throws {
    let adapter = try Self.file().adapter
    let configuration = try TinyEncoder.configuration()
    let name = "encoder.layer.1.intermediate.dense.weight"
    var plain = [Float](repeating: 0, count: 96 * 64)
    var merged = plain
    try plain.withUnsafeMutableBufferPointer {
      try TinyEncoder().readFloats(name, shape: [96, 64], into: $0)
    }
    try merged.withUnsafeMutableBufferPointer {
      try AdaptedWeights(TinyEncoder(), adapter).readFloats(name, shape: [96, 64], into: $0)
    }
    let factors = adapter.factors(layer: 1, .up)
    for output in 0..<AdaptedMatrix.up.outputs(configuration) {
      for input in 0..<64 {
        let change = (0..<3).reduce(Float(0)) { $0 + factors.b[output * 3 + $1] * factors.a[$1 * 64 + input] }
        #expect(abs(merged[output * 64 + input] - plain[output * 64 + input] - 1.5 * change) < 1e-5)
      }
    }
    var bias = [Float](repeating: 0, count: 96)
    var plainBias = bias
    let biasName = "encoder.layer.1.intermediate.dense.bias"
    try plainBias.withUnsafeMutableBufferPointer {
      try TinyEncoder().readFloats(biasName, shape: [96], into: $0)
    }
    try bias.withUnsafeMutableBufferPointer {
      try AdaptedWeights(TinyEncoder(), adapter).readFloats(biasName, shape: [96], into: $0)
    }
    #expect(bias == plainBias)
  }
}
