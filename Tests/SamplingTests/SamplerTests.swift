import Diagnostics
import Foundation
import Sampling
import TestSupport
import Testing

@Suite("Choosing tokens from logits")
struct SamplerTests {
  private func token(
    _ logits: [Float], _ options: SamplingOptions = .greedy, allowed: [Int32]? = nil, step: Int = 0
  ) -> Int32 {
    var sampler = Sampler(options)
    var mask: TokenMask?
    if let allowed {
      var some = TokenMask(vocabularySize: logits.count)
      for token in allowed { some.insert(token) }
      mask = some
    }
    return logits.withUnsafeBufferPointer { sampler.token(from: $0, allowed: mask, step: step) }
  }

  @Test("Greedy: the greatest logit, of equal ones the lowest token; NaN is none")
  func greedy() {
    #expect(token([1, 3, 2]) == 1)
    #expect(token([3, 1, 3, 3]) == 0)
    #expect(token([.nan, 1, .nan, 2]) == 3)
    #expect(token([.nan, .nan]) == 0)
    #expect(token([-.infinity, -.infinity, -5]) == 2)
    #expect(token([-.infinity, .infinity, .infinity]) == 1)
    #expect(token([]) == 0)
    #expect(token([9, 1, 3, 2], allowed: [1, 2]) == 2)
    #expect(token([9, .nan, 9, .nan], allowed: [1, 3]) == 1)
    #expect(token([9, -.infinity, 9], allowed: [1]) == 1)
    #expect(token([1, 9], allowed: []) == 1)
  }

  @Test("Greedy agrees with looking at every logit, at all lengths and with all masks")
  func greedyProperty() {
    var generator = SeededGenerator(seed: 1)
    for count in Array(1...70) + [127, 128, 1_000] {
      let logits = (0..<count).map { _ in
        Int.random(in: 0..<9, using: &generator) == 0
          ? Float.nan : Float(Int.random(in: -20...20, using: &generator))
      }
      let allowed = (0..<Int32(count)).filter { _ in Int.random(in: 0..<3, using: &generator) == 0 }
      func best(_ tokens: [Int32]) -> Int32 {
        tokens.reduce(tokens[0]) { best, token in
          let (a, b) = (logits[Int(best)], logits[Int(token)])
          return b > a || (a.isNaN && !b.isNaN) ? token : best
        }
      }
      let all = Array(0..<Int32(count))
      if logits.contains(where: { !$0.isNaN }) { #expect(token(logits) == best(all)) }
      if allowed.contains(where: { !logits[Int($0)].isNaN }) {
        #expect(token(logits, allowed: allowed) == best(allowed))
      }
    }
  }

  @Test("The same seed and step draw the same token; other steps and seeds draw others")
  func reproducible() throws {
    let logits = (0..<1_000).map { Float(sin(Double($0))) }
    let options = try SamplingOptions(temperature: 1, seed: 42)
    let drawn = (0..<50).map { token(logits, options, step: $0) }
    #expect(drawn == (0..<50).map { token(logits, options, step: $0) })
    // Fixed for all time and all machines.
    #expect(Array(drawn.prefix(4)) == [341, 955, 485, 65])
    #expect(Set(drawn).count > 40)
    let other = try SamplingOptions(temperature: 1, seed: 43)
    #expect(drawn != (0..<50).map { token(logits, other, step: $0) })
    // A sampler that has drawn before draws the same.
    var sampler = Sampler(options)
    let again = logits.withUnsafeBufferPointer { logits in
      (0..<50).reversed().map { sampler.token(from: logits, step: $0) }
    }
    #expect(again.reversed() == drawn)
  }

  @Test("Tokens come as often as their probabilities say")
  func frequencies() throws {
    let logits: [Float] = [0, 1, 2, .nan, 3, -.infinity]
    for temperature in [0.5, 1, 2] {
      for (topP, allowed) in [(1.0, nil), (1.0, [0, 1, 4] as [Int32]?), (0.9, nil)] {
        let options = try SamplingOptions(temperature: temperature, topP: topP, seed: 7)
        var weights = logits.map { $0.isNaN ? 0 : exp(Double($0) / temperature) }
        if let allowed { for token in 0..<6 where !allowed.contains(Int32(token)) { weights[token] = 0 } }
        // The nucleus: tokens are in the order of their weights but for the two that are none.
        let total = weights.reduce(0, +)
        var above = 0.0
        for token in [4, 2, 1, 0] {
          if above >= topP * total { weights[token] = 0 }
          above += weights[token]
        }
        let kept = weights.reduce(0, +)
        var counts = [Int](repeating: 0, count: 6)
        let draws = 4_000
        for step in 0..<draws { counts[Int(token(logits, options, allowed: allowed, step: step))] += 1 }
        for token in 0..<6 {
          let wanted = weights[token] / kept
          let found = Double(counts[token]) / Double(draws)
          #expect(abs(wanted - found) < 0.03, "token \(token) at \(temperature), \(topP)")
          if wanted == 0 { #expect(counts[token] == 0) }
        }
      }
    }
  }

  @Test("The nucleus is the fewest tokens that reach top_p")
  func nucleus() throws {
    var generator = SeededGenerator(seed: 3)
    for round in 0..<30 {
      let count = Int.random(in: 1...300, using: &generator)
      let logits = (0..<count).map { _ in Float.random(in: -6...6, using: &generator) }
      let topP = Double.random(in: 0.05...0.99, using: &generator)
      let weights = logits.map { exp(Double($0)) }
      let total = weights.reduce(0, +)
      let order = (0..<count).sorted { weights[$0] > weights[$1] }
      var kept: Set<Int32> = []
      var sum = 0.0
      for token in order where sum < topP * total * (1 + 1e-6) {
        kept.insert(Int32(token))
        sum += weights[token]
      }
      let options = try SamplingOptions(temperature: 1, topP: topP, seed: UInt64(round))
      for step in 0..<200 { #expect(kept.contains(token(logits, options, step: step))) }
    }
  }

  @Test("A tiny temperature is greedy, and extreme logits draw something")
  func extremes() throws {
    #expect(try SamplingOptions(temperature: 1e-300).isGreedy)
    #expect(token([1, 2, 1], try SamplingOptions(temperature: 0.01, seed: 1)) == 1)
    let hot = try SamplingOptions(temperature: 2, topP: 0.5, seed: 5)
    #expect(token([.infinity, 1], hot) == 0)
    #expect(token([-.greatestFiniteMagnitude, .greatestFiniteMagnitude], hot) == 1)
    #expect(token([.nan, .nan, .nan], hot, allowed: [2]) == 2)
    #expect([0, 1].contains(token([0, 0], hot)))
  }

  @Test("Options outside their ranges are refused")
  func options() {
    for temperature in [-0.1, 2.1, .nan, .infinity] {
      #expect(throws: SibylError.self) { try SamplingOptions(temperature: temperature) }
    }
    for topP in [0, -1, 1.01, .nan] {
      #expect(throws: SibylError.self) { try SamplingOptions(topP: topP) }
    }
    #expect(throws: Never.self) { try SamplingOptions(temperature: 2, topP: 1, seed: .max) }
  }

  @Test("Confidences of choices add up to 1 and follow the logits")
  func choiceScores() {
    let logits: [Float] = [0, 1, 2, .nan]
    let total = 1 + M_E + M_E * M_E
    logits.withUnsafeBufferPointer { logits in
      for token in Int32(0)..<3 {
        let found = ChoiceScores.logProbability(of: token, in: logits)
        #expect(abs(found - (Double(token) - log(total))) < 1e-6)
      }
      #expect(ChoiceScores.logProbability(of: 3, in: logits) == -.infinity)
      #expect(ChoiceScores.logProbability(of: -1, in: logits) == -.infinity)
      #expect(ChoiceScores.logProbability(of: 9, in: logits) == -.infinity)
      var scores = ChoiceScores(byteCounts: [1, 4])
      scores.add(2, from: logits, to: 0)
      scores.add(1, from: logits, to: 1)
      scores.add(2, from: logits, to: 1)
      scores.add(0, from: logits, to: 7)
      let (high, low) = (2 - log(total), 1 - log(total))
      for (length, a, b) in [
        (ChoiceScores.Length.sum, high, low + high), (.meanOverTokens, high, (low + high) / 2),
        (.meanOverBytes, high, (low + high) / 4),
      ] {
        let confidences = scores.confidences(length)
        #expect(abs(confidences.reduce(0, +) - 1) < 1e-12)
        #expect(abs(confidences[0] - exp(a) / (exp(a) + exp(b))) < 1e-6)
      }
      #expect(scores.confidences(.sum, baseline: scores) == [0.5, 0.5])
      var hopeless = ChoiceScores(byteCounts: [1, 1])
      hopeless.add(3, from: logits, to: 0)
      #expect(hopeless.confidences() == [0, 1])
      hopeless.add(3, from: logits, to: 1)
      #expect(hopeless.confidences() == [0.5, 0.5])
    }
    #expect(ChoiceScores(byteCounts: []).confidences().isEmpty)
  }
}
