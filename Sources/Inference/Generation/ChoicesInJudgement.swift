import Models
import Sampling
import Tensor

/// How probable each of some answers is, as far as it is known.
///
/// The logits behind the prompt tell of every choice's first token. The other tokens of a choice are read on the
/// prompt's sequence, which forgets them again.
///
/// Threads: belongs to the decoder's thread.
struct ChoicesInJudgement {
  private let choices: [[Int32]]
  /// The natural logarithm of each choice's probability, up to the tokens that were read.
  private var scores: [Double]
  /// Choices whose later tokens have not been read.
  private var left: [Int] = []
  /// The one that is being read.
  private(set) var current: Int?

  init(_ choices: [[Int32]]) {
    self.choices = choices
    scores = choices.map { _ in 0 }
  }

  /// Takes the logits that were asked for, and says what to read next.
  mutating func take(
    _ rows: Range<Int>, of state: LlamaState, promptLength: Int, _ sequence: CachedSequence,
    _ pending: inout [Int32]
  ) -> GenerationRequest.Outcome? {
    if let choice = current {
      for (row, token) in zip(rows, choices[choice].dropFirst()) {
        scores[choice] += ChoiceScores.logProbability(of: token, in: state[logits: row])
      }
      sequence.truncate(to: promptLength)
    } else if let last = rows.last {
      let logits = state[logits: last]
      for (choice, tokens) in choices.enumerated() {
        guard let token = tokens.first else { continue }
        scores[choice] = ChoiceScores.logProbability(of: token, in: logits)
        if tokens.count > 1 { left.append(choice) }
      }
    }
    guard let next = left.popLast() else { return .scores(scores) }
    current = next
    pending = Array(choices[next].dropLast())
    return nil
  }
}
