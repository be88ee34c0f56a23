import Diagnostics

/// Where a first look leaves what it found.
struct ScreenResults {
  let places: AlignedBuffer<Int32>
  let lower: AlignedBuffer<Float>
  let upper: AlignedBuffer<Float>

  init(count: Int) throws(SibylError) {
    places = try AlignedBuffer(count: count)
    lower = try AlignedBuffer(count: count)
    upper = try AlignedBuffer(count: count)
  }
}
