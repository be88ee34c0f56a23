import CKernels
import Diagnostics

/// The rows of one step, by the cached sequences that they continue.
///
/// Threads: made by one thread, then read by the members of its team.
public final class CachedBatch {
  /// Consecutive rows of a batch that are consecutive tokens of a sequence.
  struct Segment {
    let rows: Range<Int>
    /// The first row's position in its sequence.
    let position: Int
    /// The sequence's first page, in `addresses`.
    let firstPage: Int
  }

  let segments: [Segment]
  let shape: KeyValueCache.Shape
  private let sequences: [(CachedSequence, count: Int)]
  private let addresses: [UnsafeMutableRawPointer?]

  /// Reserves room for every row in its sequence.
  ///
  /// - Parameter sequences: with the number of rows that each gets, from row 0 on; no sequence twice.
  /// - Throws: `unavailable` when the cache has too few pages; no sequence has changed then.
  public init(
    _ sequences: [(CachedSequence, count: Int)], shape: KeyValueCache.Shape
  ) throws(SibylError) {
    var segments: [Segment] = []
    var addresses: [UnsafeMutableRawPointer?] = []
    var row = 0
    for (sequence, count) in sequences {
      guard count > 0, sequence.cache.shape == shape else {
        throw SibylError(.internalFault, "a sequence of another model, or without tokens, is in the batch")
      }
      do throws(SibylError) { try sequence.reserve(count) } catch {
        // What the others have been given meanwhile.
        for (sequence, _) in sequences { sequence.truncate(to: sequence.length) }
        throw error
      }
      segments.append(
        Segment(rows: row..<(row + count), position: sequence.length, firstPage: addresses.count))
      addresses.append(contentsOf: sequence.addresses)
      row += count
    }
    self.segments = segments
    self.shape = shape
    self.sequences = sequences
    self.addresses = addresses
  }

  /// Each row's position in its sequence.
  public var positions: [Int] { segments.flatMap { $0.position..<($0.position + $0.rows.count) } }

  /// Tokens of the longest sequence after this step.
  var longest: Int { segments.reduce(0) { max($0, $1.position + $1.rows.count) } }

  /// Every layer has read the rows.
  public func finish() {
    for (sequence, count) in sequences { sequence.grow(by: count) }
  }

  /// The segments' parts that lie in some rows.
  func segments(in rows: Range<Int>) -> [Segment] {
    segments.compactMap { segment in
      let some = segment.rows.clamped(to: rows)
      guard !some.isEmpty else { return nil }
      return Segment(
        rows: some, position: segment.position + some.lowerBound - segment.rows.lowerBound,
        firstPage: segment.firstPage)
    }
  }

  func withCache(
    of segment: Segment, layer: Int, head: Int, _ body: (UnsafePointer<ckernels_cache>) -> Void
  ) {
    addresses.withUnsafeBufferPointer { addresses in
      guard let base = addresses.baseAddress else { return }
      var cache = ckernels_cache(
        pages: base + segment.firstPage, offset: (layer * shape.heads + head) * shape.headSize,
        is_half: shape.isHalf ? 1 : 0)
      body(&cache)
    }
  }
}
