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
  public let size: Int

  private let kernels: ProductKernels
  private let weights: OpaquePointer
  private let bias: AlignedBuffer<Float>
  private let channelScales: AlignedBuffer<Float>
  private let columnSums: AlignedBuffer<Int32>

  /// - Parameters:
  ///   - weights: `outputs` x `inputs`, row-major, as checkpoints store a linear layer.
  ///   - shapes: where compiled kernels are kept; layers of one model share it.
  public init(
    weights values: [Float], bias biasValues: [Float], inputs: Int, outputs: Int, precision: Precision,
    shapes: LayerShapes
  ) throws(SibylError) {
    guard
      inputs > 0, outputs > 0, inputs % 32 == 0, outputs % 32 == 0,
      inputs.multipliedReportingOverflow(by: outputs) == (values.count, false),
      biasValues.count == outputs
    else {
      throw SibylError(
        .corruptFile,
        "a linear layer has \(values.count) weights and \(biasValues.count) biases where "
          + "\(outputs) outputs of \(inputs) inputs were expected, both multiples of 32")
    }
    self.inputs = inputs
    self.outputs = outputs
    self.precision = precision
    kernels = shapes.kernels(inputs: inputs, outputs: outputs, precision: precision)
    bias = try AlignedBuffer(count: outputs)
    for (index, value) in biasValues.enumerated() { bias.base[index] = value }
    let quantised = precision == .int8
    channelScales = try AlignedBuffer(count: quantised ? outputs : 0)
    columnSums = try AlignedBuffer(count: quantised ? outputs : 0)

    // The layout that suits a full tile serves the smaller ones too.
    let widest = try kernels.kernel(rows: RowTiles.maximumRows, weights: nil)
    var packed: OpaquePointer?
    var status: Int32 = 0
    switch precision {
    case .int8:
      let bytes = try AlignedBuffer<Int8>(count: values.count)
      ckernels_quantise_weights(
        values, outputs, inputs, bytes.base, channelScales.base, columnSums.base)
      status = conednn_weights_create(&packed, widest.handle, bytes.base)
    case .bf16:
      let halves = try AlignedBuffer<UInt16>(count: values.count)
      var target = ckernels_activations(
        format: precision.format, values: halves.base, scales: nil, zero_points: nil)
      ckernels_convert(values, outputs, inputs, &target)
      status = conednn_weights_create(&packed, widest.handle, halves.base)
    case .f32:
      status = conednn_weights_create(&packed, widest.handle, values)
    }
    guard status == 0, let packed else { throw SibylError.oneDNN(status, doing: "packing weights") }
    self.weights = packed
    size = conednn_weights_size(packed)
  }

  deinit { conednn_weights_destroy(weights) }

  /// `output[row] = x · Wᵀ + b`.
  public func project(
    _ input: Activations, rows: Range<Int>, into output: FloatMatrix, _ workspace: Workspace
  ) throws(SibylError) {
    try forEachTile(input, rows, workspace) { tile, product in
      ckernels_bias(product, output[row: tile.lowerBound])
    }
  }

  /// `output[row] = GELU(x · Wᵀ + b)`, ready for the next layer.
  public func projectGELU(
    _ input: Activations, rows: Range<Int>, into output: Activations, from outputRow: Int,
    _ workspace: Workspace
  ) throws(SibylError) {
    try forEachTile(input, rows, workspace) { tile, product in
      var target = output.descriptor(from: outputRow + tile.lowerBound - rows.lowerBound)
      ckernels_bias_gelu(product, &target, workspace.row.base)
    }
  }

  /// `hidden[row] = norm(hidden[row] + x · Wᵀ + b)`, and the same ready for the next layer in `output`.
  /// Row `inputRow` of `input` belongs to the first of `rows`.
  public func projectAddNorm(
    _ input: Activations, from inputRow: Int, rows: Range<Int>, hidden: FloatMatrix, norm: LayerNorm,
    into output: Activations, _ workspace: Workspace
  ) throws(SibylError) {
    let shift = rows.lowerBound - inputRow
    try forEachTile(input, inputRow..<(inputRow + rows.count), workspace) { tile, product in
      let row = tile.lowerBound + shift
      var target = output.descriptor(from: row)
      norm.withDescriptor { norm in
        ckernels_bias_residual_norm(product, hidden[row: row], norm, &target)
      }
    }
  }

  private func forEachTile(
    _ input: Activations, _ rows: Range<Int>, _ workspace: Workspace,
    _ finish: (Range<Int>, UnsafePointer<ckernels_product>) -> Void
  ) throws(SibylError) {
    guard
      input.columns == inputs, input.precision == precision,
      rows.upperBound + RowTiles.maximumRows <= input.rowCapacity,
      workspace.accumulators.count >= RowTiles.maximumRows * outputs
    else {
      throw SibylError(.internalFault, "a linear layer was given buffers of another shape")
    }
    for tile in RowTiles(rows) {
      let kernel = try kernels.kernel(
        rows: RowTiles.kernelRows(for: tile.count), weights: weights)
      let status = conednn_execute(
        kernel.handle, weights, workspace.stream, input.operand(from: tile.lowerBound),
        workspace.accumulators.base)
      guard status == 0 else { throw SibylError.oneDNN(status, doing: "multiplying matrices") }
      let quantised = precision == .int8
      var product = ckernels_product(
        accumulators: workspace.accumulators.base,
        channel_scales: quantised ? channelScales.base : nil,
        column_sums: quantised ? columnSums.base : nil, bias: bias.base,
        row_scales: quantised ? input.scale(from: tile.lowerBound) : nil,
        row_zero_points: quantised ? input.zeroPoint(from: tile.lowerBound) : nil,
        rows: tile.count, columns: outputs)
      finish(tile, &product)
    }
  }
}
