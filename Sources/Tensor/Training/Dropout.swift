import CKernels

/// Which activations a training step zeroes (Srivastava et al. 2014).
///
/// Whether an element is zeroed is a function of its token's key, the place in the network and the column, so
/// the backward pass finds the same ones again and nothing is kept; nor does it matter who computes which rows.
package struct Dropout {
  private let keys: UnsafePointer<UInt32>
  private let place: UInt32
  private let threshold: UInt32
  private let scale: Float

  /// - Parameters:
  ///   - keys: one a row.
  ///   - place: a number for the place in the network.
  ///   - share: of elements that are zeroed, 0 to 0.9; 0 leaves all as they are.
  package init(keys: UnsafePointer<UInt32>, place: Int, share: Float) {
    let share = min(max(share, 0), 0.9)
    self.keys = keys
    self.place = UInt32(truncatingIfNeeded: place &+ 1)
    threshold = UInt32(Double(share) * 4_294_967_296)
    scale = 1 / (1 - share)
  }

  func withDescriptor<Result>(_ body: (UnsafePointer<ckernels_dropout>) -> Result) -> Result {
    var dropout = ckernels_dropout(keys: keys, place: place, threshold: threshold, scale: scale)
    return body(&dropout)
  }
}
