import Diagnostics

/// How well a sentiment head does on the rows of one source.
public struct SentimentEvaluation: Sendable, Equatable {
  public let source: String
  public let rowCount: Int
  /// Of the rows that people found negative or positive, the share whose score has the right sign.
  public let polarityAccuracy: Double
  /// How far the share of positive in positive and negative together is from what came true on those rows: the expected
  /// calibration error of 15 bins.
  public let calibrationError: Double
  /// The mean over the moods that occur of the share of their rows that are found. Nil where people could
  /// only choose between two moods.
  public let macroRecall: Double?
  /// The share of rows read as neutral.
  public let neutralShare: Double

  /// One figure to compare heads by: the mean of polarity accuracy, on which the score rests, and macro
  /// recall, on which the label rests, where neutral occurs.
  public var score: Double { macroRecall.map { ($0 + polarityAccuracy) / 2 } ?? polarityAccuracy }

  /// One line for a report.
  public var summary: String {
    func percent(_ share: Double) -> String {
      let tenths = Int((min(max(share, 0), 1) * 1000).rounded())
      return "\(tenths / 10).\(tenths % 10)%"
    }
    let recall = macroRecall.map { ", macro recall of three moods \(percent($0))" } ?? ""
    return "\(source): \(rowCount) rows, positive against negative \(percent(polarityAccuracy))\(recall), "
      + "calibration error \(percent(calibrationError))"
  }

  /// - Parameters:
  ///   - probabilities: the three moods' probabilities of every row of the source.
  init(
    source: String, annotations: ArraySlice<SentimentTrainingSet.Annotation>,
    probabilities: ArraySlice<Float>, recipe: SentimentRecipe
  ) {
    self.source = source
    rowCount = annotations.count
    var found = [0, 0, 0]
    var rows = [0, 0, 0]
    var (polar, signed, neutral) = (0, 0, 0)
    var bins = CalibrationBins()
    var cell = probabilities.startIndex
    for annotation in annotations {
      let reading = SentimentProbabilities(
        negative: probabilities[cell], neutral: probabilities[cell + 1], positive: probabilities[cell + 2])
      cell += 3
      let truth = recipe.label(annotation)
      rows[truth.rawValue] += 1
      if reading.label == truth { found[truth.rawValue] += 1 }
      if reading.label == .neutral { neutral += 1 }
      if truth != .neutral {
        polar += 1
        let isRight = (reading.score > 0) == (truth == .positive)
        if isRight { signed += 1 }
        let (less, more) = (
          min(reading.negative, reading.positive), max(reading.negative, reading.positive)
        )
        if more > 0 { bins.add(Double(more) / (Double(more) + Double(less)), isRight: isRight) }
      }
    }
    polarityAccuracy = polar > 0 ? Double(signed) / Double(polar) : 0
    calibrationError = bins.error()
    neutralShare = rowCount > 0 ? Double(neutral) / Double(rowCount) : 0
    let recalls = zip(found, rows).compactMap { $1 > 0 ? Double($0) / Double($1) : nil }
    macroRecall =
      SentimentRecipe.isTwoWay(annotations) ? nil : recalls.reduce(0, +) / Double(max(recalls.count, 1))
  }
}
