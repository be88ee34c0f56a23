import CKernels
import COneDNN
import Diagnostics

/// What a thread needs to run layers: oneDNN streams and the memory in which products land.
///
/// Threads: belongs to one thread at a time; the members of its team use it only while that thread waits for
/// them, each with a stream of its own.
public final class Workspace {
  let accumulators: AlignedBuffer<Float>
  private let streams: [OpaquePointer]
  private let rows: [AlignedBuffer<Float>]
  private let statuses: AlignedBuffer<Int32>
  private var scratches: [AlignedBuffer<UInt8>?]

  /// Cores that share each layer's work, or nil where one core does it all (throughput mode: other cores
  /// have batches of their own).
  public var team: (any Team)?

  /// At most this many parts of a layer run at once.
  static let maximumParts = 4

  /// - Parameter widestLayer: the largest number of outputs of any layer that will run.
  public init(widestLayer: Int) throws(SibylError) {
    accumulators = try AlignedBuffer(count: RowTiles.maximumRows * widestLayer)
    statuses = try AlignedBuffer(count: Self.maximumParts)
    var streams: [OpaquePointer] = []
    var rows: [AlignedBuffer<Float>] = []
    for _ in 0..<Self.maximumParts {
      var made: OpaquePointer?
      let status = conednn_stream_create(&made)
      guard status == 0, let made else {
        for stream in streams { conednn_stream_destroy(stream) }
        throw SibylError.oneDNN(status, doing: "making a stream")
      }
      streams.append(made)
      do throws(SibylError) { rows.append(try AlignedBuffer(count: widestLayer)) } catch {
        for stream in streams { conednn_stream_destroy(stream) }
        throw error
      }
    }
    scratches = Array(repeating: nil, count: Self.maximumParts)
    self.streams = streams
    self.rows = rows
  }

  deinit { for stream in streams { conednn_stream_destroy(stream) } }

  /// In how many parts work is cut now.
  package var parts: Int { min(team?.cores ?? 1, Self.maximumParts) }

  func stream(part: Int) -> OpaquePointer { streams[part % streams.count] }

  /// Floats that `row(part:)` holds.
  var widestRow: Int { rows[0].count }

  /// Scratch of one row.
  func row(part: Int) -> UnsafeMutablePointer<Float> { rows[part % rows.count].base }

  /// Makes room for what a kernel needs on the side, in each of `parts` parts; called before they run.
  func reserveScratch(_ size: Int, parts: Int) throws(SibylError) {
    for part in 0..<min(parts, Self.maximumParts) where size > (scratches[part]?.count ?? 0) {
      scratches[part] = try AlignedBuffer(count: size)
    }
  }

  func scratch(part: Int) -> UnsafeMutablePointer<UInt8>? { scratches[part % Self.maximumParts]?.base }

  /// Each part notes oneDNN's answer in a place of its own.
  func setStatus(_ status: Int32, part: Int) { statuses.base[part % Self.maximumParts] = status }

  func worstStatus(parts: Int) -> Int32 {
    (0..<min(parts, Self.maximumParts)).reduce(0) { $0 != 0 ? $0 : statuses.base[$1] }
  }

  /// Runs the parts, on the team where there is one.
  package func run(parts: Int, _ body: @escaping (Int) -> Void) {
    guard parts > 1, let team else {
      for part in 0..<parts { body(part) }
      return
    }
    team.run(parts: parts, body)
  }

  /// oneDNN on Debian runs on OpenMP, whose threads wait for each other by spinning, which on a busy machine
  /// takes longer than the work. Sibyl divides work itself, so each thread that runs layers calls this with 1.
  /// Answers the number before.
  @discardableResult
  public static func setCoresPerProduct(_ count: Int) -> Int {
    Int(conednn_set_threads(Int32(clamping: count)))
  }

  /// Tells the CPU that the calling thread spins.
  public static func pause() { ckernels_pause() }
}
