import CKernels
import Diagnostics

/// Causal attention of one layer with rotary positions and grouped queries over a paged cache (Vaswani et al.
/// 2017; Su et al. 2021; Ainslie et al. 2023).
///
/// Rows hold queries, keys and values side by side: `heads` + 2·`cacheHeads` vectors of `headDimensions`.
///
/// Threads: immutable.
public final class CausalAttention: Sendable {
  private let layer: Int
  private let heads: Int
  private let cacheHeads: Int
  private let headDimensions: Int
  private let rotary: RotaryEmbedding
  private let queryNorm: RMSNorm?
  private let keyNorm: RMSNorm?

  /// - Parameters:
  ///   - layer: its place in the cache.
  ///   - heads: query heads, a multiple of `cacheHeads`.
  ///   - queryNorm, keyNorm: normalise each head's queries and keys, where a model does that.
  public init(
    layer: Int, heads: Int, cacheHeads: Int, headDimensions: Int, rotary: RotaryEmbedding,
    queryNorm: RMSNorm? = nil, keyNorm: RMSNorm? = nil
  ) throws(SibylError) {
    guard
      layer >= 0, heads > 0, cacheHeads > 0, heads % cacheHeads == 0, headDimensions > 0,
      headDimensions % 32 == 0
    else {
      throw SibylError(
        .corruptFile,
        "the model has \(heads) query heads on \(cacheHeads) key heads of \(headDimensions) dimensions; sibyl "
          + "computes whole groups of queries and heads whose dimensions are a multiple of 32")
    }
    self.layer = layer
    self.heads = heads
    self.cacheHeads = cacheHeads
    self.headDimensions = headDimensions
    self.rotary = rotary
    self.queryNorm = queryNorm
    self.keyNorm = keyNorm
  }

  /// Turns the rows' queries and keys to their positions, and writes keys and values to the cache.
  public func store(
    _ projections: FloatMatrix, rows: Range<Int>, angles: FloatMatrix, _ batch: CachedBatch
  ) throws(SibylError) {
    try check(projections, rows, batch)
    for segment in batch.segments(in: rows) {
      try store(projections, segment, 0..<cacheHeads, angles, batch)
    }
  }

  /// What the rows read from the cache, which holds their own keys and values already; `context` is where the
  /// heads' results land, side by side, and `output` gets them ready for the next layer.
  public func attend(
    _ projections: FloatMatrix, rows: Range<Int>, _ batch: CachedBatch, context: FloatMatrix,
    into output: Activations, _ workspace: Workspace
  ) throws(SibylError) {
    try check(projections, rows, batch)
    try check(context, rows, output)
    try reserve(batch, workspace, parts: 1)
    for segment in batch.segments(in: rows) {
      attend(projections, segment, 0..<cacheHeads, batch, context, workspace, part: 0)
    }
    convert(context, rows, output)
  }

  /// Both for all rows, shared among the team: first by sequences, or by heads where there are few sequences.
  public func callAsFunction(
    _ projections: FloatMatrix, rows: Range<Int>, angles: FloatMatrix, _ batch: CachedBatch,
    context: FloatMatrix, into output: Activations, _ workspace: Workspace
  ) throws(SibylError) {
    try check(projections, rows, batch)
    try check(context, rows, output)
    let segments = batch.segments(in: rows)
    let parts = workspace.parts
    guard parts > 1 else {
      try store(projections, rows: rows, angles: angles, batch)
      return try attend(
        projections, rows: rows, batch, context: context, into: output, workspace)
    }
    try reserve(batch, workspace, parts: parts)
    let failure = Failure()
    if segments.count >= 2 * parts {
      let cuts = Self.cuts(segments, parts: parts)
      workspace.run(parts: parts) { [self] part in
        for segment in segments[cuts[part]..<cuts[part + 1]] {
          failure.catching { () throws(SibylError) in
            try store(projections, segment, 0..<cacheHeads, angles, batch)
          }
          attend(projections, segment, 0..<cacheHeads, batch, context, workspace, part: part)
          convert(context, segment.rows, output)
        }
      }
    } else {
      workspace.run(parts: parts) { [self] part in
        var item = 0
        for segment in segments {
          for head in 0..<cacheHeads {
            if item % parts == part {
              failure.catching { () throws(SibylError) in
                try store(projections, segment, head..<(head + 1), angles, batch)
              }
              attend(projections, segment, head..<(head + 1), batch, context, workspace, part: part)
            }
            item += 1
          }
        }
      }
      convert(context, rows, output)
    }
    try failure.rethrow()
  }

  private func store(
    _ projections: FloatMatrix, _ segment: CachedBatch.Segment, _ cached: Range<Int>, _ angles: FloatMatrix,
    _ batch: CachedBatch
  ) throws(SibylError) {
    let group = heads / cacheHeads
    // Attention divides its scores by √headDimensions; the queries take it along.
    try rotary(
      projections, rows: segment.rows, column: cached.lowerBound * group * headDimensions,
      heads: cached.count * group, headDimensions: headDimensions, angles: angles, norm: queryNorm,
      scale: 1 / Float(headDimensions).squareRoot())
    try rotary(
      projections, rows: segment.rows, column: (heads + cached.lowerBound) * headDimensions,
      heads: cached.count, headDimensions: headDimensions, angles: angles, norm: keyNorm, scale: 1)
    for head in cached {
      batch.withCache(of: segment, layer: layer, head: head) { cache in
        for (index, row) in segment.rows.enumerated() {
          let key = projections[row: row] + (heads + head) * headDimensions
          ckernels_cache_append(
            cache, segment.position + index, key, key + cacheHeads * headDimensions, headDimensions)
        }
      }
    }
  }

  private func attend(
    _ projections: FloatMatrix, _ segment: CachedBatch.Segment, _ cached: Range<Int>, _ batch: CachedBatch,
    _ context: FloatMatrix, _ workspace: Workspace, part: Int
  ) {
    guard let scratch = workspace.scratch(part: part) else { return }
    let group = heads / cacheHeads
    let scores = UnsafeMutableRawPointer(scratch).assumingMemoryBound(to: Float.self)
    for head in cached {
      let column = head * group * headDimensions
      batch.withCache(of: segment, layer: layer, head: head) { cache in
        ckernels_cached_attention(
          cache, projections[row: segment.rows.lowerBound] + column, projections.columns, segment.rows.count,
          segment.position, group, headDimensions, context[row: segment.rows.lowerBound] + column,
          context.columns, scores)
      }
    }
  }

  private func convert(_ context: FloatMatrix, _ rows: Range<Int>, _ output: Activations) {
    var target = output.descriptor(from: rows.lowerBound)
    ckernels_convert(context[row: rows.lowerBound], rows.count, context.columns, &target)
  }

  private func reserve(_ batch: CachedBatch, _ workspace: Workspace, parts: Int) throws(SibylError) {
    let floats = ckernels_cached_attention_scratch(batch.longest)
    try workspace.reserveScratch(floats * MemoryLayout<Float>.stride, parts: parts)
  }

  /// Consecutive segments for each part, of about the same work.
  private static func cuts(_ segments: [CachedBatch.Segment], parts: Int) -> [Int] {
    let work = segments.map { $0.rows.count * ($0.position + $0.rows.count + 64) }
    let total = work.reduce(0, +)
    var cuts = [0]
    var done = 0
    for (index, some) in work.enumerated() {
      while cuts.count < parts, done + some / 2 >= total * cuts.count / parts { cuts.append(index) }
      done += some
    }
    while cuts.count <= parts { cuts.append(segments.count) }
    return cuts
  }

  private func check(
    _ projections: FloatMatrix, _ rows: Range<Int>, _ batch: CachedBatch
  ) throws(SibylError) {
    guard
      projections.columns == (heads + 2 * cacheHeads) * headDimensions, rows.lowerBound >= 0,
      rows.upperBound <= projections.rowCapacity, layer < batch.shape.layers,
      batch.shape.heads == cacheHeads, batch.shape.headDimensions == headDimensions
    else { throw Self.misfit }
  }

  private func check(_ context: FloatMatrix, _ rows: Range<Int>, _ output: Activations) throws(SibylError) {
    guard
      context.columns == heads * headDimensions, output.columns == context.columns,
      rows.upperBound <= context.rowCapacity, rows.upperBound <= output.rowCapacity
    else { throw Self.misfit }
  }

  private static let misfit = SibylError(.internalFault, "attention was given buffers of another shape")
}
