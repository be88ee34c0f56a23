import CKernels

/// What lies between two products of a training step, forward and backward, with the CPU's vector instructions.
///
/// Matrices are rows x columns, row-major without gaps; columns are a multiple of 32. The caller vouches for the
/// sizes.
package enum TrainingMath {
  package typealias Input = UnsafePointer<Float>
  package typealias Output = UnsafeMutablePointer<Float>

  /// `values += bias`, row by row.
  package static func add(bias: Input, to values: Output, rows: Int, columns: Int) {
    ckernels_add_bias(values, rows, columns, bias)
  }

  /// `inner += bias`, and GELU of that in `output`.
  package static func gelu(inner: Output, bias: Input, rows: Int, columns: Int, into output: Output) {
    ckernels_gelu_forward(inner, rows, columns, bias, output)
  }

  /// `gradient *= GELU'(inner)`.
  package static func geluBackward(inner: Input, count: Int, gradient: Output) {
    ckernels_gelu_backward(inner, count, gradient)
  }

  /// `output = norm(dropout(product + bias) + residual)`.
  ///
  /// - Parameters:
  ///   - normalised: receives the rows before the norm's scale and shift.
  ///   - inverses: receives one inverse standard deviation a row.
  package static func norm(
    product: Input, bias: Input, residual: Input, rows: Int, _ dropout: Dropout, _ norm: LayerNorm,
    into output: Output, normalised: Output, inverses: Output
  ) {
    dropout.withDescriptor { dropout in
      norm.withDescriptor { descriptor in
        ckernels_norm_forward(
          product, bias, residual, rows, norm.columns, dropout, descriptor, output, normalised, inverses)
      }
    }
  }

  /// From the gradient of the norm's output above those of its residual input and of the product.
  package static func normBackward(
    gradient: Input, normalised: Input, inverses: Input, rows: Int, _ dropout: Dropout, _ norm: LayerNorm,
    residual: Output, product: Output
  ) {
    dropout.withDescriptor { dropout in
      norm.withDescriptor { descriptor in
        ckernels_norm_backward(
          gradient, normalised, inverses, rows, norm.columns, dropout, descriptor, residual, product)
      }
    }
  }

  /// Floats of attention weights that a sequence needs for one head.
  package static func attentionWeights(length: Int) -> Int { length * ckernels_attention_stride(length) }

  /// Floats of scratch that `attention` and `attentionBackward` need for sequences of up to `length` tokens.
  package static func attentionScratch(length: Int, headDimensions: Int) -> Int {
    ckernels_attention_training_scratch(length, headDimensions)
  }

  /// Bidirectional multi-head attention of one sequence, whose weights are kept.
  ///
  /// - Parameters:
  ///   - projections: length x 3·width: queries, keys, values side by side.
  ///   - scale: multiplied with the products of queries and keys: `1 / √headDimensions`.
  ///   - weights: receives `heads · attentionWeights(length:)` floats.
  ///   - output: length x width.
  package static func attention(
    projections: Input, length: Int, heads: Int, headDimensions: Int, scale: Float, weights: Output,
    into output: Output, scratch: Output
  ) {
    ckernels_attention_forward(
      projections, length, heads, headDimensions, scale, weights, output, scratch)
  }

  /// From the gradient of the output above that of the projections.
  package static func attentionBackward(
    projections: Input, weights: Input, gradient: Input, length: Int, heads: Int, headDimensions: Int,
    scale: Float, into projectionGradient: Output, scratch: Output
  ) {
    ckernels_attention_backward(
      projections, weights, gradient, length, heads, headDimensions, scale, projectionGradient, scratch)
  }
}
