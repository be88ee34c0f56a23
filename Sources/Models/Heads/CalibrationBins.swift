/// How far stated probabilities are from what came true: rows by their stated probability, in bins of equal width.
///
/// The expected calibration error is the mean distance between a bin's mean probability and its share of right
/// answers, weighted by the bins' rows (Guo et al. 2017: "On Calibration of Modern Neural Networks", section 2, with 15
/// bins as there).
package struct CalibrationBins {
  package struct Bin {
    package var right = 0
    package var wrong = 0
    package var sumOfRight = 0.0
    package var sumOfWrong = 0.0
  }

  package private(set) var bins = [Bin](repeating: Bin(), count: 15)

  package init() {}

  package var isEmpty: Bool { bins.allSatisfy { $0.right + $0.wrong == 0 } }

  /// - Parameter confidence: from 0 to 1.
  package mutating func add(_ confidence: Double, isRight: Bool) {
    let place = min(Int(confidence * Double(bins.count)), bins.count - 1)
    if isRight {
      bins[place].right += 1
      bins[place].sumOfRight += confidence
    } else {
      bins[place].wrong += 1
      bins[place].sumOfWrong += confidence
    }
  }

  /// The expected calibration error, where each bin's right and wrong rows count as often as `weigh` says.
  package func error(weigh: (_ rows: Int) -> Double = { Double($0) }) -> Double {
    var distance = 0.0
    var total = 0.0
    for bin in bins {
      let right = weigh(bin.right)
      let wrong = weigh(bin.wrong)
      guard right + wrong > 0 else { continue }
      let stated =
        (bin.right > 0 ? right * bin.sumOfRight / Double(bin.right) : 0)
        + (bin.wrong > 0 ? wrong * bin.sumOfWrong / Double(bin.wrong) : 0)
      distance += abs(stated - right)
      total += right + wrong
    }
    return total > 0 ? distance / total : 0
  }
}
