/// Accuracy and F1 of counted predictions.
///
/// A prediction of NULL is a wrong one: it lowers the recall of its row's label and no label's precision.
struct PredictionFigures {
  struct Label {
    var rows = 0.0
    var predicted = 0.0
    var right = 0.0

    var precision: Double { predicted > 0 ? right / predicted : 0 }
    var recall: Double { rows > 0 ? right / rows : 0 }
    /// The harmonic mean of both; 0 where nothing is right.
    var f1: Double { rows + predicted > 0 ? 2 * right / (rows + predicted) : 0 }
  }

  private(set) var labels: [Label]
  private var rows = 0.0
  private var right = 0.0

  /// - Parameters:
  ///   - cells: pairs of labels, and how many rows have them.
  ///   - weigh: how often the rows of a cell count.
  init(
    labelCount: Int, cells: [LabelledPredictions.CountedCell], weigh: (_ rows: Int) -> Double = { Double($0) }
  ) {
    labels = Array(repeating: Label(), count: labelCount)
    for (cell, count) in cells {
      let weight = weigh(count)
      rows += weight
      labels[cell.truth].rows += weight
      guard let prediction = cell.prediction else { continue }
      labels[prediction].predicted += weight
      guard prediction == cell.truth else { continue }
      labels[prediction].right += weight
      right += weight
    }
  }

  var accuracy: Double { rows > 0 ? right / rows : 0 }

  /// The mean F1 of all labels that occur, as a truth or as a prediction.
  var macroF1: Double {
    let present = labels.filter { $0.rows + $0.predicted > 0 }
    return present.isEmpty ? 0 : present.reduce(0) { $0 + $1.f1 } / Double(present.count)
  }
}

extension LabelledPredictions {
  typealias CountedCell = (cell: Cell, count: Int)

  /// In the order of their labels: what is drawn by chance must depend neither on a hash table nor on the order of the
  /// rows.
  var sortedCells: [CountedCell] {
    let order = labels.indices.sorted { labels[$0].utf8.lexicographicallyPrecedes(labels[$1].utf8) }
    var ranks = [Int](repeating: 0, count: order.count)
    for (rank, label) in order.enumerated() { ranks[label] = rank }
    return counts.map { (cell: $0.key, count: $0.value) }.sorted {
      (ranks[$0.cell.truth], $0.cell.prediction.map { ranks[$0] } ?? -1)
        < (ranks[$1.cell.truth], $1.cell.prediction.map { ranks[$0] } ?? -1)
    }
  }
}
