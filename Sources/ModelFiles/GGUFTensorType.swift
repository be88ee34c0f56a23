/// The element types of ggml's tensors, by their numbers in the file (ggml.h, `ggml_type`).
///
/// Elements of a row are stored in blocks of `blockSize` elements that share their scales.
public enum GGUFTensorType: UInt32, Hashable, Sendable, CaseIterable {
  case float32 = 0
  case float16 = 1
  case q4_0 = 2
  case q4_1 = 3
  case q5_0 = 6
  case q5_1 = 7
  case q8_0 = 8
  case q8_1 = 9
  case q2_K = 10
  case q3_K = 11
  case q4_K = 12
  case q5_K = 13
  case q6_K = 14
  case q8_K = 15
  case iq2_XXS = 16
  case iq2_XS = 17
  case iq3_XXS = 18
  case iq1_S = 19
  case iq4_NL = 20
  case iq3_S = 21
  case iq2_S = 22
  case iq4_XS = 23
  case int8 = 24
  case int16 = 25
  case int32 = 26
  case int64 = 27
  case float64 = 28
  case iq1_M = 29
  case bfloat16 = 30
  case tq1_0 = 34
  case tq2_0 = 35
  case mxfp4 = 39
  case nvfp4 = 40
  case q1_0 = 41
  case q2_0 = 42

  /// Elements a block.
  public var blockSize: Int { layout.elements }

  /// Bytes a block.
  public var blockByteCount: Int { layout.bytes }

  /// Whether Sibyl turns blocks of this type into floats.
  public var isReadable: Bool {
    switch self {
    case .float32, .float16, .bfloat16, .q4_0, .q4_1, .q5_0, .q5_1, .q8_0, .q4_K, .q5_K, .q6_K: true
    default: false
    }
  }

  /// The type as ggml calls it: `Q4_1`.
  public var name: String {
    switch self {
    case .float32: "F32"
    case .float16: "F16"
    case .float64: "F64"
    case .bfloat16: "BF16"
    case .int8: "I8"
    case .int16: "I16"
    case .int32: "I32"
    case .int64: "I64"
    default: "\(self)".uppercased()
    }
  }

  /// ggml-common.h, the sizes of the `block_…` structures.
  private var layout: (elements: Int, bytes: Int) {
    switch self {
    case .int8: (1, 1)
    case .float16, .bfloat16, .int16: (1, 2)
    case .float32, .int32: (1, 4)
    case .float64, .int64: (1, 8)
    case .q4_0, .iq4_NL: (32, 18)
    case .q4_1: (32, 20)
    case .q5_0: (32, 22)
    case .q5_1: (32, 24)
    case .q8_0: (32, 34)
    case .q8_1: (32, 36)
    case .mxfp4: (32, 17)
    case .nvfp4: (64, 36)
    case .q2_0: (64, 18)
    case .q1_0: (128, 18)
    case .q2_K: (256, 84)
    case .q3_K, .iq3_S: (256, 110)
    case .q4_K: (256, 144)
    case .q5_K: (256, 176)
    case .q6_K: (256, 210)
    case .q8_K: (256, 292)
    case .iq2_XXS, .tq2_0: (256, 66)
    case .iq2_XS: (256, 74)
    case .iq3_XXS: (256, 98)
    case .iq1_S: (256, 50)
    case .iq2_S: (256, 82)
    case .iq4_XS: (256, 136)
    case .iq1_M: (256, 56)
    case .tq1_0: (256, 54)
    }
  }
}
