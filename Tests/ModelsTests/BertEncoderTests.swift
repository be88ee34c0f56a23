import Diagnostics
import Foundation
import JSON
import ModelFiles
import Models
import Tensor
import Testing

/// What the tests need from outside: the installed model, and the shared golden texts.
enum Outside {
  static let model = try? ModelStore().model(named: "minilm")

  static let golden: [(tokens: [Int32], embedding: [Double])]? = {
    let shared =
      ProcessInfo.processInfo.environment["SIBYL_SHARED_DATA"]
      ?? URL(fileURLWithPath: #filePath).deletingLastPathComponent().path + "/../../../shared/data"
    guard
      let text = try? String(contentsOfFile: shared + "/golden/minilm_l6_v2.json", encoding: .utf8),
      let rows = try? JSON.parse(text).arrayValue
    else { return nil }
    return rows.map { row in
      (
        (row["tokens"]?.arrayValue ?? []).compactMap { $0.integerValue.map(Int32.init) },
        (row["embedding"]?.arrayValue ?? []).compactMap(\.numberValue)
      )
    }
  }()
}

@Suite(
  "all-MiniLM-L6-v2",
  .enabled(if: Outside.model != nil, "SKIPPED: the model is not installed; run: make models"))
struct BertEncoderTests {
  static func encoder(_ precision: Precision) throws -> BertEncoder {
    try EncoderModel(#require(Outside.model), precision: precision).encoder
  }

  static func pools(
    _ encoder: BertEncoder, _ sequences: [[Int32]], _ output: EncoderOutput, team: (any Team)? = nil
  ) throws -> [[Float]] {
    let state = try encoder.makeState(tokenCapacity: 4096)
    state.team = team
    var batch = PackedBatch()
    for sequence in sequences { batch.append(sequence) }
    let width = encoder.width(of: output)
    var rows = [Float](repeating: 0, count: sequences.count * width)
    try rows.withUnsafeMutableBufferPointer { try encoder(batch, output, into: $0, state) }
    return stride(from: 0, to: rows.count, by: width).map { Array(rows[$0..<($0 + width)]) }
  }

  @Test(
    .enabled(if: Outside.golden != nil, "SKIPPED: ../shared/data/golden is not there"),
    arguments: [(Precision.f32, 0.9999, 0.9999), (.bf16, 0.999, 0.999), (.int8, 0.99, 0.98)])
  func isCloseToTheReference(precision: Precision, mean: Double, worst: Double) throws {
    let golden = try #require(Outside.golden)
    let encoder = try Self.encoder(precision)
    var cosines: [Double] = []
    for text in golden {
      let found = try Self.pools(encoder, [text.tokens], .sentenceEmbedding)[0]
      cosines.append(zip(found, text.embedding).reduce(0) { $0 + Double($1.0) * $1.1 })
    }
    #expect(cosines.count == 65)
    #expect(cosines.reduce(0, +) / Double(cosines.count) >= mean)
    #expect(try #require(cosines.min()) >= worst)
  }

  @Test func batchAndTeamDoNotChangeABit() throws {
    let encoder = try Self.encoder(.int8)
    let sequences = (1...40).map { (length: Int) -> [Int32] in
      (0..<length * 2).map { (position: Int) -> Int32 in Int32(1000 + (position * 7919 + length) % 20_000) }
    }
    let together = try Self.pools(encoder, sequences, .layerPools)
    for (index, sequence) in sequences.enumerated() {
      #expect(try Self.pools(encoder, [sequence], .layerPools)[0] == together[index])
      #expect(
        try Self.pools(encoder, [sequence], .layerPools, team: BackwardTeam())[0] == together[index])
    }
  }

  @Test func lastLayersPoolIsTheSentenceEmbedding() throws {
    let encoder = try Self.encoder(.int8)
    let sequence: [Int32] = [101, 7592, 2088, 102]
    let pools = try Self.pools(encoder, [sequence], .layerPools)[0]
    #expect(try Self.pools(encoder, [sequence], .sentenceEmbedding)[0] == Array(pools.suffix(384)))
    for start in stride(from: 0, to: pools.count, by: 384) {
      let norm = pools[start..<(start + 384)].reduce(0) { $0 + $1 * $1 }
      #expect(abs(norm - 1) < 1e-5)
    }
  }

  @Test func refusesWhatDoesNotFit() throws {
    let encoder = try Self.encoder(.int8)
    #expect(throws: SibylError.self) { try Self.pools(encoder, [[101, 99999, 102]], .layerPools) }
    #expect(throws: SibylError.self) { try Self.pools(encoder, [[101, -1, 102]], .layerPools) }
    #expect(throws: SibylError.self) {
      try Self.pools(encoder, [[Int32](repeating: 101, count: 300)], .layerPools)
    }
  }
}

final class BackwardTeam: Team {
  let cores = 2
  func run(parts: Int, _ body: @escaping (Int) -> Void) {
    for part in (0..<parts).reversed() { body(part) }
  }
}
