/// What the layers need to know of one pass.
struct Pass {
  let sequences: [Range<Int>]
  let tokenCount: Int
  let buffers: PassBuffers
  let parameters: UnsafePointer<Float>
  /// One a token.
  let keys: UnsafePointer<UInt32>
  let dropout: Float
}
