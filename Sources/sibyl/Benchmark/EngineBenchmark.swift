import Diagnostics
import Inference
import JSON
import ModelFiles
import Tensor
import Threads

/// Times the inference engine alone: tokenising and encoding, no SQL and no cache.
struct EngineBenchmark {
  let texts: [String]
  let model: InstalledModel

  /// Encodes all texts, for each of the heads' layer pools, which is what sentiment needs.
  ///
  /// - Returns: seconds of each timed pass, tokens of a pass (with [CLS] and [SEP]), and a digest of the
  ///   answers' bits, equal wherever the answers are.
  func throughput(repetitions: Int, textsPerCall: Int?) throws(SibylError) -> JSON {
    let step = textsPerCall ?? texts.count
    var digest = try encodeAll(step)
    var seconds: [JSON] = []
    for _ in 0..<repetitions {
      let start = MonotonicClock.seconds
      digest = try encodeAll(step)
      seconds.append(.number(MonotonicClock.seconds - start))
    }
    return [
      "texts": .integer(Int64(texts.count)),
      "tokens": .integer(Int64(try tokens())),
      "seconds": .array(seconds),
      "digest": .string(String(digest, radix: 16)),
      "precision": .string(try Precision.preferred().rawValue),
      "cores": .integer(Int64(InferenceEngine.shared.cores)),
    ]
  }

  /// Encodes one text a call, again and again through the list.
  ///
  /// - Parameter pauseMicroseconds: how long the cores rest before each call. After a rest of more than about half a
  ///   millisecond a call takes longer, whoever makes it: cores wake, and processors with AVX-512 go back to full speed
  ///   by steps.
  /// - Returns: the median and the 95th percentile, in milliseconds.
  func latency(calls: Int, pauseMicroseconds: UInt32) throws(SibylError) -> JSON {
    var milliseconds: [Double] = []
    milliseconds.reserveCapacity(calls)
    let warmUp = max(calls / 10, 50)
    for call in 0..<(warmUp + calls) {
      let text = texts[call % texts.count]
      if pauseMicroseconds > 0 { MonotonicClock.sleep(microseconds: pauseMicroseconds) }
      let start = MonotonicClock.seconds
      _ = try InferenceEngine.shared.encode([text], model: model, output: .layerPools)
      if call >= warmUp { milliseconds.append((MonotonicClock.seconds - start) * 1e3) }
    }
    milliseconds.sort()
    return [
      "calls": .integer(Int64(calls)),
      "tokens_a_call": .number(Double(try tokens()) / Double(texts.count)),
      "p50_ms": .number(milliseconds[calls / 2]),
      "p95_ms": .number(milliseconds[calls * 95 / 100]),
      "precision": .string(try Precision.preferred().rawValue),
    ]
  }

  private func tokens() throws(SibylError) -> Int {
    let tokenizer = try InferenceEngine.shared.tokenizer(for: model)
    // A benchmark's texts fit in one window each, which [CLS] and [SEP] enclose.
    return texts.reduce(0) { $0 + tokenizer.tokenCount($1) + 2 }
  }

  /// - Returns: an FNV-1a hash of the answers' bits.
  private func encodeAll(_ step: Int) throws(SibylError) -> UInt64 {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    var next = 0
    while next < texts.count {
      let end = min(next + step, texts.count)
      let batch = try InferenceEngine.shared.encode(
        Array(texts[next..<end]), model: model, output: .layerPools)
      for value in batch.values { hash = (hash ^ UInt64(value.bitPattern)) &* 0x100_0000_01b3 }
      next = end
    }
    return hash
  }
}
