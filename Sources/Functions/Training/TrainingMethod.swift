import Diagnostics
import Inference
import JSON
import Models

/// How a classifier is fitted. Each method has a trainer, and a form in which its weights are stored.
public enum TrainingMethod: String, Sendable, CaseIterable {
  /// A softmax regression over the pools of all the encoder's layers.
  case head
  /// Such a head, and low-rank adapters that fine-tune the encoder beneath it.
  case lora

  var trainer: any ClassifierTrainer {
    switch self {
    case .head: HeadClassifierTrainer()
    case .lora: LoRAClassifierTrainer()
    }
  }

  /// What a classifier's stored weights compute.
  ///
  /// - Throws: `corruptFile` where they are damaged.
  func model(weights: [UInt8]) throws(SibylError) -> any ClassifierModel {
    switch self {
    case .head: try HeadClassifierModel(weights: weights)
    case .lora: try LoRAClassifierModel(weights: weights)
    }
  }
}

/// Fits classifiers by one method.
protocol ClassifierTrainer: Sendable {
  /// - Parameter context: of a call whose model is the encoder.
  /// - Throws: `.cancelled` where the caller gave up; nothing is stored before it returns.
  func train(
    _ rows: TrainingRows, _ options: TrainingOptions, _ context: CallContext
  ) throws(SibylError) -> TrainedClassifier
}

/// What a trainer gives.
struct TrainedClassifier {
  /// In the method's own form; the same rows and options give the same bytes.
  let weights: [UInt8]
  /// On rows that the classifier, or one made like it, had not seen.
  let evaluation: ClassifierEvaluation
  /// What else the report says, such as the penalty that was chosen.
  let details: [(String, JSON)]
}

/// A classifier's weights in memory.
protocol ClassifierModel: Sendable {
  var labels: [String] { get }
  /// The digest of the encoder that it was trained on.
  var encoder: String { get }

  /// One probability a label for each text, which sum to 1, and the layer pools that they were read from.
  ///
  /// - Parameter context: of a call whose model is that encoder.
  func read(
    _ texts: [String], _ context: CallContext
  ) throws(SibylError) -> (probabilities: [[Float]], pools: EncodedBatch)
}

extension ClassifierModel {
  /// One probability a label for each text; they sum to 1.
  func probabilities(of texts: [String], _ context: CallContext) throws(SibylError) -> [[Float]] {
    try read(texts, context).probabilities
  }

  /// What a head says about pools.
  static func probabilities(
    _ head: SoftmaxRegression, of pools: EncodedBatch, texts: Int
  ) throws(SibylError) -> [[Float]] {
    guard pools.count == texts else { throw SibylError(.cancelled, "the query was cancelled") }
    return try pools.values.withUnsafeBufferPointer { values throws(SibylError) in
      var answers: [[Float]] = []
      answers.reserveCapacity(texts)
      for row in 0..<texts {
        answers.append(
          try head.probabilities(
            of: UnsafeBufferPointer(
              rebasing: values[(row * pools.dimensions)..<((row + 1) * pools.dimensions)])))
      }
      return answers
    }
  }
}
