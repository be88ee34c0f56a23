import Diagnostics
import Models

/// What was predicted for rows whose right labels are known: counts only, so that a table of any length takes the
/// memory of its labels.
package struct LabelledPredictions {
  /// One pair of labels, and how many rows have it. `prediction` is nil where none was given.
  struct Cell: Hashable {
    let truth: Int
    let prediction: Int?
  }

  /// Different labels that are told apart; more are no labels.
  package static let maximumLabels = 1_000

  /// In the order in which they were first met.
  package private(set) var labels: [String] = []
  private(set) var counts: [Cell: Int] = [:]
  private(set) var calibration = CalibrationBins()
  /// Rows that count.
  package private(set) var rows = 0
  /// Rows without a right label, which say nothing.
  package private(set) var unlabelled = 0
  /// Rows whose prediction is NULL: an honest "don't know", but not a right answer.
  package private(set) var unanswered = 0
  private var positions: [[UInt8]: Int] = [:]

  package init() {}

  /// Adds a row.
  ///
  /// - Parameter confidence: the probability that the prediction claimed for itself, 0 to 1.
  /// - Throws: `invalidArgument` where the labels become too many, or the confidence is no probability.
  package mutating func add(
    prediction: String?, truth: String?, confidence: Double?
  ) throws(SibylError) {
    guard let truth else {
      unlabelled += 1
      return
    }
    if let confidence, !(0...1).contains(confidence) {
      throw SibylError(
        .invalidArgument,
        "column 3, the prediction's probability, must be from 0 to 1; row \(rows + unlabelled + 1) has \(confidence)"
      )
    }
    let right = try position(of: truth)
    var answer: Int?
    if let prediction { answer = try position(of: prediction) }
    let cell = Cell(truth: right, prediction: answer)
    counts[cell, default: 0] += 1
    rows += 1
    guard let prediction = cell.prediction else {
      unanswered += 1
      return
    }
    if let confidence { calibration.add(confidence, isRight: prediction == cell.truth) }
  }

  private mutating func position(of label: String) throws(SibylError) -> Int {
    // Bytes, because Swift's strings are equal across Unicode spellings and labels are not.
    let bytes = Array(label.utf8)
    if let known = positions[bytes] { return known }
    guard labels.count < Self.maximumLabels else {
      throw SibylError(
        .invalidArgument,
        "columns 1 and 2 must be labels; there are more than \(Self.maximumLabels) different ones, the last of them "
          + "\"\(label.prefix(40))\"")
    }
    labels.append(label)
    positions[bytes] = labels.count - 1
    return labels.count - 1
  }
}
