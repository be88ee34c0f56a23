/// Linear equations with a symmetric positive definite matrix, by Cholesky's factorisation.
struct SymmetricSystem {
  let count: Int
  /// The lower triangle, row after row in full rows; after `factorise` that of the factor.
  private var values: [Double]

  init(count: Int) {
    self.count = count
    values = [Double](repeating: 0, count: count * count)
  }

  /// An element of the lower triangle.
  subscript(row: Int, column: Int) -> Double {
    get { values[row * count + column] }
    set { values[row * count + column] = newValue }
  }

  mutating func factorise() {
    let count = count
    values.withUnsafeMutableBufferPointer { values in
      for row in 0..<count {
        for column in 0...row {
          var sum = values[row * count + column]
          for inner in 0..<column { sum -= values[row * count + inner] * values[column * count + inner] }
          // Rounding alone can bring a pivot to zero.
          values[row * count + column] =
            row == column ? max(sum, 1e-12).squareRoot() : sum / values[column * count + column]
        }
      }
    }
  }

  /// The solution for one right-hand side; `factorise` comes before.
  func solve(_ right: [Double]) -> [Double] {
    var solution = right
    for row in 0..<count {
      for column in 0..<row { solution[row] -= self[row, column] * solution[column] }
      solution[row] /= self[row, row]
    }
    for row in stride(from: count - 1, through: 0, by: -1) {
      for later in row + 1..<max(count, row + 1) { solution[row] -= self[later, row] * solution[later] }
      solution[row] /= self[row, row]
    }
    return solution
  }
}
