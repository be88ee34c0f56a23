import CKernels
import Diagnostics

/// The number format of matrix products. Everything between two products is float32 in each of them.
public enum Precision: String, Sendable, CaseIterable {
  /// Weights s8 with one scale an output channel, activations u8 with one scale and zero point a token,
  /// integer sums: the fastest, and exact in its sums, so results never depend on the batch.
  case int8
  /// Weights and activations rounded to bfloat16, float32 sums.
  case bf16
  /// float32 throughout: the reference.
  case f32

  /// What `SIBYL_PRECISION` asks for, or else the fastest that this CPU computes well: int8 where it has an
  /// 8-bit dot product that can't saturate (AVX-512 VNNI, AVX-VNNI), then bf16, then f32.
  public static func preferred() throws(SibylError) -> Precision {
    guard let wish = Environment["SIBYL_PRECISION"] else { return automatic }
    if wish == "auto" { return automatic }
    guard let precision = Precision(rawValue: wish) else {
      throw SibylError(
        .invalidArgument,
        "the environment variable SIBYL_PRECISION is \"\(wish)\"; it must be int8, bf16, f32 or auto")
    }
    return precision
  }

  static var automatic: Precision {
    if ckernels_has_int8_dot_product() != 0 { return .int8 }
    if ckernels_has_bfloat16_dot_product() != 0 { return .bf16 }
    return .f32
  }

  var format: Int32 {
    switch self {
    case .int8: return Int32(CKERNELS_U8.rawValue)
    case .bf16: return Int32(CKERNELS_BF16.rawValue)
    case .f32: return Int32(CKERNELS_F32.rawValue)
    }
  }

  /// Bytes of one element of a product's operand.
  var operandSize: Int {
    switch self {
    case .int8: return 1
    case .bf16: return 2
    case .f32: return 4
    }
  }
}
