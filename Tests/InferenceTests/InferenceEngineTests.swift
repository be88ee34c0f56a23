import Diagnostics
import Foundation
import Inference
import ModelFiles
import Models
import Synchronization
import Testing

private let model = try? ModelStore().model(named: "minilm")

@Suite(
  "The engine", .enabled(if: model != nil, "SKIPPED: the model is not installed; run: make models"))
struct InferenceEngineTests {
  static let texts = (0..<300).map { index in
    Array(repeating: "row \(index) says something", count: 1 + index % 9).joined(separator: ", and ")
  }

  @Test func batchSizeAndThreadsDoNotChangeABit() throws {
    let model = try #require(model)
    let reference = try InferenceEngine(cores: 1).encode(Self.texts, model: model, output: .layerPools)
    for cores in [1, 2, 3] {
      let engine = InferenceEngine(cores: cores)
      defer { engine.stop() }
      for size in [1, 7, 256] {
        var values: [Float] = []
        for start in stride(from: 0, to: Self.texts.count, by: size) {
          let some = Array(Self.texts[start..<min(start + size, Self.texts.count)])
          values += try engine.encode(some, model: model, output: .layerPools).values
        }
        #expect(values == reference.values, "\(cores) cores, batches of \(size)")
      }
    }
  }

  @Test func manyThreadsShareOneEngine() throws {
    let model = try #require(model)
    let engine = InferenceEngine(cores: 2)
    defer { engine.stop() }
    let expected = try engine.encode(Self.texts, model: model, output: .sentenceEmbedding)
    let wrong = Atomic<Int>(0)
    DispatchQueue.concurrentPerform(iterations: 8) { thread in
      for step in 0..<20 {
        let index = (thread * 37 + step * 11) % Self.texts.count
        let count = step % 3 == 0 ? 5 : 1
        let some = Array(Self.texts[index..<min(index + count, Self.texts.count)])
        let found = try? engine.encode(some, model: model, output: .sentenceEmbedding)
        let isRight = some.indices.allSatisfy { row in
          found.map { Array($0[row]) } == Array(expected[index + row])
        }
        if !isRight { wrong.add(1, ordering: .relaxed) }
      }
    }
    #expect(wrong.load(ordering: .relaxed) == 0)
  }

  @Test func tokensAreReadLikeTheTextThatTheyAreOf() throws {
    let model = try #require(model)
    let engine = InferenceEngine(cores: 2)
    defer { engine.stop() }
    let expected = try engine.encode(Self.texts, model: model, output: .layerPools)
    let tokenizer = try engine.tokenizer(for: model)
    let inputs = Self.texts.enumerated().map { row, text in
      row % 3 == 0 ? EncoderInput.text(text) : .tokens(tokenizer.encode(text))
    }
    #expect(try engine.encode(inputs, model: model, output: .layerPools).values == expected.values)
  }

  @Test func inputsAreTakenAsTheyAreNeeded() throws {
    let model = try #require(model)
    let engine = InferenceEngine(cores: 2)
    defer { engine.stop() }
    var taken = 0
    let inputs = sequence(state: ()) { _ -> EncoderInput? in
      taken += 1
      return taken > 10_000 ? nil : .text("text number \(taken)")
    }
    #expect(throws: SibylError(.cancelled, "the query was cancelled")) {
      try engine.encode(inputs, model: model, output: .layerPools) { true }
    }
    #expect(taken < 1_000)
  }

  /// A caller of one text does not wait for somebody's thousands.
  @Test func shortRequestsOvertakeLongOnes() throws {
    let model = try #require(model)
    let engine = InferenceEngine(cores: 2)
    defer { engine.stop() }
    _ = try engine.encode(["warm"], model: model, output: .layerPools)
    let many = (0..<6_000).map { "text number \($0) of a job that takes its time" }
    let hasStarted = Atomic<Bool>(false)
    let hasEnded = Atomic<Bool>(false)
    let overtaken = Atomic<Int>(0)
    DispatchQueue.concurrentPerform(iterations: 2) { side in
      if side == 0 {
        _ = try? engine.encode(many, model: model, output: .layerPools) {
          hasStarted.store(true, ordering: .releasing)
          return false
        }
        hasEnded.store(true, ordering: .releasing)
      } else {
        while !hasStarted.load(ordering: .acquiring) { usleep(100) }
        for number in 0..<5 {
          _ = try? engine.encode(["short \(number)"], model: model, output: .layerPools)
          if !hasEnded.load(ordering: .acquiring) { overtaken.add(1, ordering: .relaxed) }
        }
      }
    }
    #expect(overtaken.load(ordering: .relaxed) > 0)
  }

  @Test func longTextIsReadWhole() throws {
    let model = try #require(model)
    let engine = InferenceEngine(cores: 2)
    defer { engine.stop() }
    let start = Array(repeating: "The delivery was late.", count: 100).joined(separator: " ")
    let a = try engine.encode([start + " I love it."], model: model, output: .layerPools)
    let b = try engine.encode([start + " I hate it."], model: model, output: .layerPools)
    #expect(a.values != b.values)
    for layer in 0..<6 {
      let norm = a.values[(layer * 384)..<(layer * 384 + 384)].reduce(0) { $0 + $1 * $1 }
      #expect(abs(norm - 1) < 1e-4)
    }
  }

  @Test func cancellationEndsARequest() throws {
    let model = try #require(model)
    let engine = InferenceEngine(cores: 2)
    defer { engine.stop() }
    let many = (0..<20_000).map { "text number \($0) of far too many" }
    let asked = Atomic<Int>(0)
    #expect(throws: SibylError(.cancelled, "the query was cancelled")) {
      try engine.encode(many, model: model, output: .layerPools) {
        asked.add(1, ordering: .relaxed).newValue > 3
      }
    }
    // The engine is as good as new.
    #expect(try engine.encode(["after"], model: model, output: .layerPools).count == 1)
  }

  @Test func emptyInputs() throws {
    let model = try #require(model)
    let engine = InferenceEngine(cores: 2)
    defer { engine.stop() }
    #expect(try engine.encode([], model: model, output: .layerPools).values.isEmpty)
    let blank = try engine.encode(["", "  ", "\u{0}"], model: model, output: .sentenceEmbedding)
    #expect(blank.count == 3 && blank.values.allSatisfy(\.isFinite))
  }

  @Test func aStoppedEngineSaysSo() throws {
    let model = try #require(model)
    let engine = InferenceEngine(cores: 2)
    _ = try engine.encode(["a", "b"], model: model, output: .layerPools)
    engine.stop()
    #expect(throws: SibylError.self) { try engine.encode(["a", "b"], model: model, output: .layerPools) }
  }
}
