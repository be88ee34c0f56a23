import CKernels
import Diagnostics

// What follows a decoder's matrix products.
extension LinearLayer {
  /// `hidden[row] += x · Wᵀ + b`, and the sum's normalisation ready for the next layer in `output`.
  public func projectAddNorm(
    _ input: Activations, rows: Range<Int>, hidden: FloatMatrix, norm: RMSNorm, into output: Activations,
    _ workspace: Workspace
  ) throws(SibylError) {
    guard
      hidden.columns == outputs, output.columns == outputs, rows.upperBound <= hidden.rowCapacity,
      rows.upperBound <= output.rowCapacity, norm.columns == outputs
    else { throw Self.misfit }
    try multiply(
      input, rows, workspace,
      finishRows: { tile in
        self.finish(tile, workspace) { part, some in
          var product = self.product(input, tile, some, 0..<self.outputs, workspace)
          var target = output.descriptor(from: some.lowerBound)
          norm.withDescriptor { norm in
            ckernels_residual_rms_norm(
              &product, hidden[row: some.lowerBound], norm, &target, workspace.row(part: part))
          }
        }
      })
  }

  /// `SiLU(x · Gᵀ) · (x · Uᵀ)` of a layer that holds the gate's weights G and behind them U's (Shazeer 2020),
  /// ready for the next layer.
  public func projectSwiGLU(
    _ input: Activations, rows: Range<Int>, into output: Activations, _ workspace: Workspace
  ) throws(SibylError) {
    guard 2 * output.columns == outputs, rows.upperBound <= output.rowCapacity else { throw Self.misfit }
    try multiply(
      input, rows, workspace,
      finishRows: { tile in
        self.finish(tile, workspace) { part, some in
          var product = self.product(input, tile, some, 0..<self.outputs, workspace)
          var target = output.descriptor(from: some.lowerBound)
          ckernels_swiglu(&product, &target, workspace.row(part: part))
        }
      })
  }

  /// Shares the rows of a tile among the team; a few rows are done sooner than a team has met.
  private func finish(
    _ tile: Range<Int>, _ workspace: Workspace, _ body: @escaping (_ part: Int, _ rows: Range<Int>) -> Void
  ) {
    let parts = min(workspace.parts, tile.count / 2)
    guard parts > 1 else { return body(0, tile) }
    let share = (tile.count + parts - 1) / parts
    workspace.run(parts: parts) { part in
      let some = tile.dropFirst(part * share).prefix(share)
      if !some.isEmpty { body(part, some) }
    }
  }
}
