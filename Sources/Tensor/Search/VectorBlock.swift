import CKernels
import Diagnostics

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Some thousand vectors of an index: as they are, and in eight bits for the first look.
///
/// Threads: whoever owns the index says who may touch it; searching only reads.
final class VectorBlock {
  /// Vectors of a block: what one core looks through before it asks for more work.
  static func capacity(dimensions: Int) -> Int { min(2_048, max(16, (2 << 20) / max(dimensions, 1))) }

  let dimensions: Int
  let capacity: Int
  private(set) var count = 0
  private let vectors: AlignedBuffer<Float>
  private let codes: AlignedBuffer<Int8>
  private let scales: AlignedBuffer<Float>
  private let errors: AlignedBuffer<Float>
  private let norms: AlignedBuffer<Double>
  private let labels: AlignedBuffer<Int64>
  private let stride: Int

  init(dimensions: Int) throws(SibylError) {
    self.dimensions = dimensions
    let capacity = Self.capacity(dimensions: dimensions)
    self.capacity = capacity
    stride = Self.stride(of: dimensions)
    vectors = try AlignedBuffer(count: capacity * dimensions)
    codes = try AlignedBuffer(count: capacity * stride)
    scales = try AlignedBuffer(count: capacity)
    errors = try AlignedBuffer(count: capacity)
    norms = try AlignedBuffer(count: capacity)
    labels = try AlignedBuffer(count: capacity)
    codes.base.initialize(repeating: 0, count: capacity * stride)
  }

  /// Bytes from one vector's eight-bit form to the next one's.
  static func stride(of dimensions: Int) -> Int { (dimensions + 31) / 32 * 32 }

  /// Bytes that a block occupies.
  static func byteCount(dimensions: Int) -> Int {
    capacity(dimensions: dimensions) * (4 * dimensions + stride(of: dimensions) + 24)
  }

  var isFull: Bool { count == capacity }

  /// Makes room for one more vector, which is not found before it is set.
  func addPlace() -> Int {
    errors.base[count] = .nan
    count += 1
    return count - 1
  }

  /// Stores a vector of finite numbers that are not all zero.
  func set(_ place: Int, label: Int64, _ vector: UnsafeBufferPointer<Float>, norm: Double) {
    guard place < count, vector.count == dimensions, let source = vector.baseAddress else { return }
    let target = vectors.base + place * dimensions
    target.update(from: source, count: dimensions)
    norms.base[place] = norm
    labels.base[place] = label
    let isScreened = ckernels_screen_row(
      target, dimensions, norm, codes.base + place * stride, scales.base + place, errors.base + place)
    if isScreened == 0 {
      // No bound that is worth anything: always looked at closely.
      scales.base[place] = 0
      errors.base[place] = 2
    }
  }

  /// Takes a vector out of all searches.
  func clear(_ place: Int) {
    guard place < count else { return }
    errors.base[place] = .nan
  }

  /// Whether there is a vector at the place.
  func holds(_ place: Int) -> Bool { place < count && !errors.base[place].isNaN }

  func isEqual(_ place: Int, _ bytes: UnsafeRawBufferPointer) -> Bool {
    guard holds(place), bytes.count == 4 * dimensions, let other = bytes.baseAddress else { return false }
    return memcmp(vectors.base + place * dimensions, other, bytes.count) == 0
  }

  /// The exact score of the vector at a place.
  func neighbour(_ place: Int, _ query: SearchQuery) -> Neighbour {
    let dot = query.withVector { ckernels_dot_double(vectors.base + place * dimensions, $0, dimensions) }
    return Neighbour(
      label: labels.base[place], score: VectorMath.cosine(dot: dot, norms.base[place], query.norm))
  }

  /// What the first look says of some places: those that may reach the threshold.
  func screen(
    _ places: Range<Int>, _ query: SearchQuery, threshold: Float, into found: ScreenResults
  ) -> Int {
    query.withCodes { codes in
      var rows = ckernels_screen_rows(
        values: self.codes.base, stride: stride, scales: scales.base, errors: errors.base)
      var query = ckernels_screen_query(values: codes, scale: query.scale, error: query.error)
      return ckernels_screen(
        &rows, &query, places.lowerBound, min(places.upperBound, count), threshold, found.places.base,
        found.lower.base, found.upper.base)
    }
  }
}
