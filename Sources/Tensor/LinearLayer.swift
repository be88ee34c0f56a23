import CKernels
import COneDNN
import Diagnostics

/// `y = x · Wᵀ + b`, together with what always follows it, so that each row of the product is finished while
/// it is still in the cache.
///
/// In int8 the product is `Σ (u8 - z) · s8`, computed as `Σ u8 · s8 - z · Σ s8` in exact integers; a row's
/// scale and zero point `z` are its own and each output channel has one weight scale, so
/// `y = sum · rowScale · channelScale + bias` (Jacob et al. 2018, section 2.2).
///
/// Threads: immutable; any thread may run it with a workspace of its own.
public final class LinearLayer: @unchecked Sendable {
  public let inputs: Int
  public let outputs: Int
  public let precision: Precision
  /// Bytes of the packed weights.
  public var size: Int {
    switch weights {
    case .packed(let weights, _): return weights.size
    case .panels(let weights): return weights.size
    case .grouped(let weights): return weights.size
    }
  }

  private enum Weights {
    /// For oneDNN, with one scale a channel in int8.
    case packed(PackedWeights, ProductKernels)
    /// For int8 with one scale a channel, where Sibyl's own product is the faster one.
    case panels(PanelWeights)
    /// With scales along the inputs, for int8 only.
    case grouped(GroupedWeights)
  }

  private let weights: Weights
  private let bias: AlignedBuffer<Float>
  private var scaling: Activations.Scales {
    if case .grouped = weights { return .perGroup }
    return .perRow
  }
  private let channelScales: AlignedBuffer<Float>
  private let columnSums: AlignedBuffer<Int32>

  /// - Parameters:
  ///   - weights: `outputs` x `inputs`, row-major, as checkpoints store a linear layer; not kept.
  ///   - shapes: what the layers of one model share.
  public init(
    weights values: UnsafeBufferPointer<Float>, bias biasValues: [Float], inputs: Int, outputs: Int,
    precision: Precision, shapes: LayerShapes
  ) throws(SibylError) {
    guard
      inputs > 0, outputs > 0, inputs % 32 == 0, outputs % 32 == 0,
      inputs.multipliedReportingOverflow(by: outputs) == (values.count, false),
      biasValues.count == outputs, let first = values.baseAddress
    else {
      throw SibylError(
        .corruptFile,
        "a linear layer has \(values.count) weights and \(biasValues.count) biases where "
          + "\(outputs) outputs of \(inputs) inputs were expected, both multiples of 32")
    }
    self.inputs = inputs
    self.outputs = outputs
    self.precision = precision
    bias = try AlignedBuffer(count: outputs)
    for (index, value) in biasValues.enumerated() { bias.base[index] = value }
    let quantised = precision == .int8
    channelScales = try AlignedBuffer(count: quantised ? outputs : 0)
    columnSums = try AlignedBuffer(count: quantised ? outputs : 0)

    func pack(_ values: UnsafeRawPointer) throws(SibylError) -> Weights {
      let kernels = shapes.kernels(inputs: inputs, outputs: outputs, precision: precision)
      return .packed(
        try PackedWeights(values, inputs: inputs, outputs: outputs, precision: precision, kernels: kernels),
        kernels)
    }
    switch precision {
    case .int8:
      let bytes = try AlignedBuffer<Int8>(count: values.count)
      ckernels_quantise_weights(
        first, outputs, inputs, bytes.base, channelScales.base, columnSums.base)
      if PanelWeights.areAtHand {
        weights = .panels(
          try PanelWeights(bytes.base, inputs: inputs, outputs: outputs, in: shapes.panelMemory))
      } else {
        weights = try pack(bytes.base)
      }
    case .bf16:
      let halves = try AlignedBuffer<UInt16>(count: values.count)
      var target = ckernels_activations(
        format: precision.format, values: halves.base, scales: nil, zero_points: nil, offsets: nil, sums: nil)
      ckernels_convert(first, outputs, inputs, &target)
      weights = try pack(halves.base)
    case .f32:
      weights = try pack(first)
    }
  }

  /// A layer in int8 whose scales are shared by 32 inputs of a channel. Its input is an `Activations` of the same
  /// kind.
  public init(_ weights: GroupedWeights, bias biasValues: [Float]) throws(SibylError) {
    guard biasValues.count == weights.outputs else {
      throw SibylError(
        .corruptFile, "a linear layer has \(biasValues.count) biases for \(weights.outputs) outputs")
    }
    inputs = weights.inputs
    outputs = weights.outputs
    precision = .int8
    self.weights = .grouped(weights)
    bias = try AlignedBuffer(count: outputs)
    for (index, value) in biasValues.enumerated() { bias.base[index] = value }
    channelScales = try AlignedBuffer(count: 0)
    columnSums = try AlignedBuffer(count: 0)
  }

  /// `output[row] = x · Wᵀ + b`.
  public func project(
    _ input: Activations, rows: Range<Int>, into output: FloatMatrix, _ workspace: Workspace
  ) throws(SibylError) {
    guard output.columns == outputs else { throw Self.misfit }
    try project(input, rows: rows, into: output, column: 0, workspace)
  }

  /// `x · Wᵀ + b` in some columns of `output`, from `column` on.
  public func project(
    _ input: Activations, rows: Range<Int>, into output: FloatMatrix, column: Int, _ workspace: Workspace
  ) throws(SibylError) {
    guard
      column >= 0, column + outputs <= output.columns, rows.upperBound <= output.rowCapacity
    else { throw Self.misfit }
    try multiply(
      input, rows, workspace,
      finishColumns: { tile, columns in
        var product = self.product(input, tile, tile, columns, workspace)
        ckernels_bias(&product, output[row: tile.lowerBound] + column + columns.lowerBound, output.columns)
      })
  }

  /// `output[row] = GELU(x · Wᵀ + b)`, ready for the next layer. The first of `rows` becomes row 0.
  public func projectGELU(
    _ input: Activations, rows: Range<Int>, into output: Activations, _ workspace: Workspace
  ) throws(SibylError) {
    guard output.columns == outputs, rows.count <= output.rowCapacity else { throw Self.misfit }
    try multiply(
      input, rows, workspace,
      finishRows: { tile in
        var product = product(input, tile, tile, 0..<outputs, workspace)
        var target = output.descriptor(from: tile.lowerBound - rows.lowerBound)
        ckernels_bias_gelu(&product, &target, workspace.row(part: 0))
      })
  }

  /// `hidden[row] = norm(hidden[row] + x · Wᵀ + b)`, and the same ready for the next layer in `output`.
  /// Row `inputRow` of `input` belongs to the first of `rows`.
  public func projectAddNorm(
    _ input: Activations, from inputRow: Int, rows: Range<Int>, hidden: FloatMatrix, norm: LayerNorm,
    into output: Activations, _ workspace: Workspace
  ) throws(SibylError) {
    guard
      hidden.columns == outputs, output.columns == outputs, rows.upperBound <= hidden.rowCapacity,
      rows.upperBound <= output.rowCapacity, norm.columns == outputs
    else { throw Self.misfit }
    let shift = rows.lowerBound - inputRow
    try multiply(
      input, inputRow..<(inputRow + rows.count), workspace,
      finishRows: { tile in
        let row = tile.lowerBound + shift
        var product = product(input, tile, tile, 0..<outputs, workspace)
        var target = output.descriptor(from: row)
        norm.withDescriptor { norm in
          ckernels_bias_residual_norm(&product, hidden[row: row], norm, &target)
        }
      })
  }

  /// Multiplies tile by tile. `finishColumns` completes some columns of a tile on the core that has just
  /// computed them; `finishRows` completes whole rows on the caller's thread.
  func multiply(
    _ input: Activations, _ rows: Range<Int>, _ workspace: Workspace,
    finishColumns: @escaping (_ tile: Range<Int>, _ columns: Range<Int>) -> Void = { _, _ in },
    finishRows: (_ tile: Range<Int>) -> Void = { _ in }
  ) throws(SibylError) {
    guard
      input.columns == inputs, input.precision == precision, input.scaling == scaling,
      rows.upperBound + RowTiles.maximumRows <= input.rowCapacity,
      workspace.accumulators.count >= RowTiles.maximumRows * outputs
    else { throw Self.misfit }
    for tile in RowTiles(rows) {
      switch weights {
      case .packed(let weights, let kernels):
        try multiply(input, tile, weights, kernels, workspace, finishColumns)
      case .panels(let weights):
        multiply(input, tile, weights, workspace, finishColumns)
      case .grouped(let weights):
        try multiply(input, tile, weights, workspace, finishColumns)
      }
      finishRows(tile)
    }
  }

  private func multiply(
    _ input: Activations, _ tile: Range<Int>, _ weights: PackedWeights, _ kernels: ProductKernels,
    _ workspace: Workspace, _ finishColumns: @escaping (_ tile: Range<Int>, _ columns: Range<Int>) -> Void
  ) throws(SibylError) {
    let parts = weights.parts(atMost: workspace.parts)
    let width = outputs / parts
    let kernel = try kernels.kernel(
      rows: RowTiles.kernelRows(for: tile.count), parts: parts, weights: weights[part: 0, of: parts])
    try workspace.reserveScratch(kernel.scratchSize, parts: parts)
    workspace.run(parts: parts) { part in
      let status = conednn_execute(
        kernel.handle, weights[part: part, of: parts], workspace.stream(part: part),
        input.operand(from: tile.lowerBound), workspace.accumulators.base + part * width,
        workspace.scratch(part: part))
      workspace.setStatus(status, part: part)
      if status == 0 { finishColumns(tile, (part * width)..<((part + 1) * width)) }
    }
    let status = workspace.worstStatus(parts: parts)
    guard status == 0 else { throw SibylError.oneDNN(status, doing: "multiplying matrices") }
  }

  private func multiply(
    _ input: Activations, _ tile: Range<Int>, _ weights: PanelWeights, _ workspace: Workspace,
    _ finishColumns: @escaping (_ tile: Range<Int>, _ columns: Range<Int>) -> Void
  ) {
    let parts = min(workspace.parts, weights.panelCount)
    workspace.run(parts: parts) { part in
      let columns = weights.multiply(
        input.operand(from: tile.lowerBound), rows: tile.count, part: part, of: parts,
        into: workspace.accumulators.base)
      finishColumns(tile, columns)
    }
  }

  private func multiply(
    _ input: Activations, _ tile: Range<Int>, _ weights: GroupedWeights, _ workspace: Workspace,
    _ finishColumns: @escaping (_ tile: Range<Int>, _ columns: Range<Int>) -> Void
  ) throws(SibylError) {
    let parts = min(workspace.parts, weights.panelCount)
    try workspace.reserveScratch(weights.scratchSize, parts: parts)
    workspace.run(parts: parts) { part in
      guard let scratch = workspace.scratch(part: part) else { return }
      let panels = (weights.panelCount * part / parts)..<(weights.panelCount * (part + 1) / parts)
      let columns = weights.columns(of: panels)
      weights.multiply(
        input.descriptor(from: tile.lowerBound), rows: tile.count, panels: panels,
        into: workspace.accumulators.base + columns.lowerBound, stride: self.outputs, scratch: scratch)
      finishColumns(tile, columns)
    }
  }

  /// Some rows and columns of the tile in the workspace, as the kernels see them.
  func product(
    _ input: Activations, _ tile: Range<Int>, _ rows: Range<Int>, _ columns: Range<Int>,
    _ workspace: Workspace
  ) -> ckernels_product {
    let isQuantised = precision == .int8 && scaling == .perRow
    let first = (rows.lowerBound - tile.lowerBound) * outputs + columns.lowerBound
    return ckernels_product(
      accumulators: workspace.accumulators.base + first,
      channel_scales: isQuantised ? channelScales.base + columns.lowerBound : nil,
      column_sums: isQuantised ? columnSums.base + columns.lowerBound : nil,
      bias: bias.base + columns.lowerBound,
      row_scales: isQuantised ? input.scale(from: rows.lowerBound) : nil,
      row_zero_points: isQuantised ? input.zeroPoint(from: rows.lowerBound) : nil,
      rows: rows.count, columns: columns.count, stride: outputs)
  }

  static let misfit = SibylError(
    .internalFault, "a linear layer was given buffers of another shape")
}
