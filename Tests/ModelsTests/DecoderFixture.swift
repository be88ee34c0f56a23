import Diagnostics
import Foundation
import JSON
import ModelFiles
import Models
import Tensor
import Testing
import Threads

/// Tiny decoders and what llama.cpp computes from them; scripts/generate-decoder-fixture.py makes both.
enum DecoderFixture {
  static let names = ["llama", "llama-linear", "qwen2", "qwen3"]

  static func path(_ name: String) throws -> String {
    try #require(Bundle.module.url(forResource: name, withExtension: nil, subdirectory: "Fixtures")).path
  }

  static func decoder(_ name: String, _ precision: Precision) throws -> LlamaDecoder {
    try LlamaDecoder(GGUFFile(path: path("decoder-\(name).gguf")), precision: precision)
  }

  static func reference() throws -> JSON {
    try JSON.parse(String(contentsOfFile: path("decoder-reference.json"), encoding: .utf8))
  }

  static func integers(_ value: JSON?) -> [Int32] {
    (value?.arrayValue ?? []).compactMap { $0.integerValue.map(Int32.init) }
  }

  static func floats(_ value: JSON?) -> [Float] {
    (value?.arrayValue ?? []).compactMap { $0.numberValue.map(Float.init) }
  }

  /// Room for `tokens` tokens in pages.
  static func cache(_ decoder: LlamaDecoder, tokens: Int = 16_384) throws -> KeyValueCache {
    try decoder.makeCache(budget: KeyValueCache.pages(for: tokens) * decoder.cacheShape.pageSize)
  }

  /// The logits after every token, read in steps of some sizes (the last one again and again).
  static func logits(
    _ decoder: LlamaDecoder, _ tokens: [Int32], steps: [Int] = [.max], after sequence: CachedSequence? = nil,
    team: (any Team)? = nil
  ) throws -> [[Float]] {
    let sequence = try sequence ?? cache(decoder).makeSequence()
    let state = try decoder.makeState(tokenCapacity: tokens.count, logitCapacity: tokens.count)
    state.team = team
    var rows: [[Float]] = []
    var rest = tokens[...]
    var step = 0
    while !rest.isEmpty {
      let size = min(steps[min(step, steps.count - 1)], rest.count)
      var batch = DecoderBatch()
      let range = batch.append(rest.prefix(size), to: sequence, logits: .all)
      try decoder(batch, state)
      rows += range.map { Array(state[logits: $0]) }
      rest = rest.dropFirst(size)
      step += 1
    }
    return rows
  }

  /// The index of the largest.
  static func best(_ logits: some Collection<Float>) -> Int32 {
    Int32(logits.enumerated().max { $0.element < $1.element }?.offset ?? -1)
  }
}

/// A team of real threads that are made for each phase: slow, and as unpredictable as threads are.
final class ThreadTeam: Team {
  let cores: Int

  init(cores: Int) { self.cores = cores }

  func run(parts: Int, _ body: @escaping (Int) -> Void) {
    nonisolated(unsafe) let body = body
    let done = Monitor(0)
    for part in 0..<parts {
      let isStarted = WorkerThread.start {
        Workspace.setCoresPerProduct(1)
        body(part)
        done.signal { $0 += 1 }
      }
      if !isStarted {
        body(part)
        done.signal { $0 += 1 }
      }
    }
    _ = done.wait { $0 == parts ? true : nil }
  }
}
