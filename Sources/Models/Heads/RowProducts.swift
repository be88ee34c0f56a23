/// The two inner loops of softmax regression, for four rows and three classes at a time: enough
/// accumulators to keep the multipliers busy, few enough for the sixteen registers that every x86-64 has.
///
/// Shapes: a row and a class's weights are `count` float32 each; classes lie `stride` floats apart.
enum RowProducts {
  typealias Rows = (
    UnsafePointer<Float>, UnsafePointer<Float>, UnsafePointer<Float>, UnsafePointer<Float>
  )
  static let rowsPerTile = 4
  static let classesPerTile = 3

  @inline(__always)
  private static func load(_ pointer: UnsafePointer<Float>, _ index: Int) -> SIMD4<Float> {
    UnsafeRawPointer(pointer + index).loadUnaligned(as: SIMD4<Float>.self)
  }

  /// The inner product of two vectors, accumulated in eight lanes in a fixed order.
  static func dot(_ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, count: Int) -> Float {
    var even = SIMD4<Float>.zero
    var odd = SIMD4<Float>.zero
    var index = 0
    while index &+ 8 <= count {
      even += load(a, index) * load(b, index)
      odd += load(a, index &+ 4) * load(b, index &+ 4)
      index &+= 8
    }
    var sum = (even + odd).sum()
    while index < count {
      sum += a[index] * b[index]
      index &+= 1
    }
    return sum
  }

  /// `output[row * outputStride + class] = row · weights[class]` for four rows and three classes.
  static func multiply(
    _ rows: Rows, by weights: UnsafePointer<Float>, stride: Int, count: Int,
    into output: UnsafeMutablePointer<Float>, outputStride: Int
  ) {
    let (x0, x1, x2, x3) = rows
    let (w0, w1, w2) = (weights, weights + stride, weights + 2 * stride)
    var (s00, s01, s02) = (SIMD4<Float>.zero, SIMD4<Float>.zero, SIMD4<Float>.zero)
    var (s10, s11, s12) = (s00, s00, s00)
    var (s20, s21, s22) = (s00, s00, s00)
    var (s30, s31, s32) = (s00, s00, s00)
    var index = 0
    while index &+ 4 <= count {
      let (a, b, c) = (load(w0, index), load(w1, index), load(w2, index))
      var x = load(x0, index)
      s00 += x * a
      s01 += x * b
      s02 += x * c
      x = load(x1, index)
      s10 += x * a
      s11 += x * b
      s12 += x * c
      x = load(x2, index)
      s20 += x * a
      s21 += x * b
      s22 += x * c
      x = load(x3, index)
      s30 += x * a
      s31 += x * b
      s32 += x * c
      index &+= 4
    }
    store(SIMD3(s00.sum(), s01.sum(), s02.sum()), x0, w0, w1, w2, index, count, output)
    store(SIMD3(s10.sum(), s11.sum(), s12.sum()), x1, w0, w1, w2, index, count, output + outputStride)
    store(SIMD3(s20.sum(), s21.sum(), s22.sum()), x2, w0, w1, w2, index, count, output + 2 * outputStride)
    store(SIMD3(s30.sum(), s31.sum(), s32.sum()), x3, w0, w1, w2, index, count, output + 3 * outputStride)
  }

  /// Adds what is left beyond the last whole vector, and stores.
  @inline(__always)
  private static func store(
    _ sums: SIMD3<Float>, _ row: UnsafePointer<Float>, _ w0: UnsafePointer<Float>,
    _ w1: UnsafePointer<Float>, _ w2: UnsafePointer<Float>, _ start: Int, _ count: Int,
    _ output: UnsafeMutablePointer<Float>
  ) {
    var sums = sums
    var index = start
    while index < count {
      sums += row[index] * SIMD3(w0[index], w1[index], w2[index])
      index &+= 1
    }
    output[0] = sums.x
    output[1] = sums.y
    output[2] = sums.z
  }

  /// `gradient[class] += Σ residuals[row, class] * row` for four rows and three classes.
  static func accumulate(
    _ rows: Rows, scaledBy residuals: UnsafePointer<Float>, residualStride: Int,
    into gradient: UnsafeMutablePointer<Float>, stride: Int, count: Int
  ) {
    let (x0, x1, x2, x3) = rows
    let (r0, r1, r2, r3) = (
      residuals, residuals + residualStride, residuals + 2 * residualStride, residuals + 3 * residualStride
    )
    for column in 0..<classesPerTile {
      let (a, b, c, d) = (r0[column], r1[column], r2[column], r3[column])
      if a == 0, b == 0, c == 0, d == 0 { continue }
      let target = gradient + column * stride
      var index = 0
      while index &+ 4 <= count {
        let raw = UnsafeMutableRawPointer(target + index)
        var sum = raw.loadUnaligned(as: SIMD4<Float>.self)
        sum += (load(x0, index) * a + load(x1, index) * b) + (load(x2, index) * c + load(x3, index) * d)
        raw.storeBytes(of: sum, as: SIMD4<Float>.self)
        index &+= 4
      }
      while index < count {
        target[index] += (x0[index] * a + x1[index] * b) + (x2[index] * c + x3[index] * d)
        index &+= 1
      }
    }
  }
}
