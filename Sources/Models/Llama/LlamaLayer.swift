import Diagnostics
import ModelFiles
import Tensor

/// One block of a Llama decoder (Touvron et al. 2023), pre-norm:
///
///     a = x + W_o · attention(W_qkv · norm(x))
///     y = a + W_down · (SiLU(W_gate · norm(a)) · (W_up · norm(a)))
///
/// A product is followed by the norm of what comes next, so that each row is finished while it is in the cache:
/// the first norm of a block is applied by the block before it.
///
/// Threads: immutable; the state belongs to one worker.
final class LlamaLayer: Sendable {
  /// `attn_q`, `attn_k`, `attn_v`
  let queriesKeysValues: LinearLayer
  let attention: CausalAttention
  /// `attn_output`
  let attentionOutput: LinearLayer
  /// `ffn_norm`
  let middleNorm: RMSNorm
  /// `ffn_gate`, `ffn_up`
  let gateUp: LinearLayer
  /// `ffn_down`
  let down: LinearLayer

  init(_ weights: LlamaWeights, layer: Int, rotary: RotaryEmbedding) throws(SibylError) {
    let configuration = weights.configuration
    let width = configuration.dimensions
    let inner = configuration.intermediateDimensions
    let queries = configuration.heads * configuration.headDimensions
    let keys = configuration.cacheHeads * configuration.headDimensions
    let name = "blk.\(layer)."
    queriesKeysValues = try weights.linear(
      [
        .init(name: "\(name)attn_q", outputs: queries, isRotated: true),
        .init(name: "\(name)attn_k", outputs: keys, isRotated: true),
        .init(name: "\(name)attn_v", outputs: keys),
      ], inputs: width)
    attention = try CausalAttention(
      layer: layer, heads: configuration.heads, cacheHeads: configuration.cacheHeads,
      headDimensions: configuration.headDimensions, rotary: rotary,
      queryNorm: weights.headNorm("\(name)attn_q_norm"), keyNorm: weights.headNorm("\(name)attn_k_norm"))
    attentionOutput = try weights.linear([.init(name: "\(name)attn_output", outputs: width)], inputs: queries)
    middleNorm = try weights.norm("\(name)ffn_norm")
    gateUp = try weights.linear(
      [.init(name: "\(name)ffn_gate", outputs: inner), .init(name: "\(name)ffn_up", outputs: inner)],
      inputs: width)
    down = try weights.linear([.init(name: "\(name)ffn_down", outputs: width)], inputs: inner)
  }

  /// - Parameters:
  ///   - tiles: of the batch's rows.
  ///   - next: the norm of the block behind this one.
  func callAsFunction(
    _ state: LlamaState, _ batch: CachedBatch, tiles: [Range<Int>], next: RMSNorm
  ) throws(SibylError) {
    if tiles.count == 1 {
      let workspace = state.workspace
      try queriesKeysValues.project(state.input, rows: tiles[0], into: state.projections, workspace)
      try attention(
        state.projections, rows: tiles[0], angles: state.angles, batch, context: state.context,
        into: state.contextInput, workspace)
      return try finish(
        state.contextInput, tiles[0], state.hidden, state.input, state.intermediate, next, workspace)
    }
    try store(state, batch, tiles)
    // From here on a tile reads other tiles' keys and values, which are all there.
    try state.forEach(tiles) { [self] (rows, workspace) throws(SibylError) in
      try attention.attend(
        state.projections, rows: rows, batch, context: state.context, into: state.contextInput, workspace)
      try finish(
        state.contextInput, rows, state.hidden, state.input, state.intermediate, next, workspace)
    }
  }

  /// The same for some rows only, which become the first ones of `state.selected`: of the others nothing but their
  /// keys and values is needed when no layer follows.
  func callAsFunction(
    _ state: LlamaState, _ batch: CachedBatch, tiles: [Range<Int>], only rows: [Int], next: RMSNorm
  ) throws(SibylError) {
    try store(state, batch, tiles)
    for row in rows {
      try attention.attend(
        state.projections, rows: row..<(row + 1), batch, context: state.context, into: state.contextInput,
        state.workspace)
    }
    guard !rows.isEmpty else { return }
    try state.selectedContext.copyRows(rows, of: state.contextInput)
    try state.selectedHidden.copyRows(rows, of: state.hidden)
    try finish(
      state.selectedContext, rows.indices, state.selectedHidden, state.selected, state.intermediate, next,
      state.workspace)
  }

  private func store(
    _ state: LlamaState, _ batch: CachedBatch, _ tiles: [Range<Int>]
  ) throws(SibylError) {
    try state.forEach(tiles) { [self] (rows, workspace) throws(SibylError) in
      try queriesKeysValues.project(state.input, rows: rows, into: state.projections, workspace)
      try attention.store(state.projections, rows: rows, angles: state.angles, batch)
    }
  }

  /// Everything behind attention.
  private func finish(
    _ context: Activations, _ rows: Range<Int>, _ hidden: FloatMatrix, _ input: Activations,
    _ intermediate: Activations, _ next: RMSNorm, _ workspace: Workspace
  ) throws(SibylError) {
    try attentionOutput.projectAddNorm(
      context, rows: rows, hidden: hidden, norm: middleNorm, into: input, workspace)
    try gateUp.projectSwiGLU(input, rows: rows, into: intermediate, workspace)
    try down.projectAddNorm(
      intermediate, rows: rows, hidden: hidden, norm: next, into: input, workspace)
  }

  var size: Int { queriesKeysValues.size + attentionOutput.size + gateUp.size + down.size }
}
