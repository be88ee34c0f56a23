import COneDNN
import Diagnostics

/// What a thread needs to run layers: its oneDNN stream and the memory in which products land.
///
/// Threads: belongs to the thread that made it.
public final class Workspace {
  let stream: OpaquePointer
  let accumulators: AlignedBuffer<Float>
  let row: AlignedBuffer<Float>

  /// - Parameter widestLayer: the largest number of outputs of any layer that will run.
  public init(widestLayer: Int) throws(SibylError) {
    var made: OpaquePointer?
    let status = conednn_stream_create(&made)
    guard status == 0, let made else { throw SibylError.oneDNN(status, doing: "making a stream") }
    stream = made
    accumulators = try AlignedBuffer(count: RowTiles.maximumRows * widestLayer)
    row = try AlignedBuffer(count: widestLayer)
  }

  deinit { conednn_stream_destroy(stream) }

  /// How many cores a product started from the calling thread may use. One in throughput mode (each worker
  /// runs its own batch), all in latency mode. Answers the number before.
  @discardableResult
  public static func setCoresPerProduct(_ count: Int) -> Int {
    Int(conednn_set_threads(Int32(clamping: count)))
  }
}
