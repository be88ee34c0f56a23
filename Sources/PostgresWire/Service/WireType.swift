/// A PostgreSQL data type, by its object identifier in `pg_type` (`src/include/catalog/pg_type.dat`).
public struct WireType: RawRepresentable, Hashable, Sendable {
  /// The type's object identifier.
  public let rawValue: UInt32

  public init(rawValue: UInt32) {
    self.rawValue = rawValue
  }

  /// Not known yet: an untyped literal or parameter.
  public static let unspecified = WireType(rawValue: 0)
  public static let boolean = WireType(rawValue: 16)
  public static let name = WireType(rawValue: 19)
  public static let bigint = WireType(rawValue: 20)
  public static let smallint = WireType(rawValue: 21)
  public static let integer = WireType(rawValue: 23)
  public static let text = WireType(rawValue: 25)
  public static let json = WireType(rawValue: 114)
  public static let real = WireType(rawValue: 700)
  public static let doublePrecision = WireType(rawValue: 701)
  public static let unknown = WireType(rawValue: 705)
  public static let character = WireType(rawValue: 1042)
  public static let characterVarying = WireType(rawValue: 1043)
  public static let numeric = WireType(rawValue: 1700)
  public static let jsonb = WireType(rawValue: 3802)

  public static let booleanArray = WireType(rawValue: 1000)
  public static let smallintArray = WireType(rawValue: 1005)
  public static let integerArray = WireType(rawValue: 1007)
  public static let textArray = WireType(rawValue: 1009)
  public static let characterArray = WireType(rawValue: 1014)
  public static let characterVaryingArray = WireType(rawValue: 1015)
  public static let bigintArray = WireType(rawValue: 1016)
  public static let realArray = WireType(rawValue: 1021)
  public static let doublePrecisionArray = WireType(rawValue: 1022)
  public static let numericArray = WireType(rawValue: 1231)
  public static let jsonArray = WireType(rawValue: 199)
  public static let jsonbArray = WireType(rawValue: 3807)

  /// The type's name as PostgreSQL's `format_type` writes it; nil for a type that is not listed here.
  public var name: String? { Self.listed[self]?.name }

  /// The type of the elements of an array type.
  public var element: WireType? { Self.listed[self]?.element }

  /// The array type over this element type.
  public var array: WireType? { Self.arrays[self] }

  /// Bytes of a value in `RowDescription`; -1 for a type of varying length.
  var length: Int16 {
    switch self {
    case .boolean: 1
    case .smallint: 2
    case .integer, .real: 4
    case .bigint, .doublePrecision: 8
    case .name: 64
    case .unknown: -2
    default: -1
    }
  }

  /// The name of a result column that is a bare literal cast to this type (`SELECT '1'::int` is `int4`).
  var columnName: String {
    switch self {
    case .boolean, .booleanArray: "bool"
    case .bigint, .bigintArray: "int8"
    case .smallint, .smallintArray: "int2"
    case .integer, .integerArray: "int4"
    case .real, .realArray: "float4"
    case .doublePrecision, .doublePrecisionArray: "float8"
    case .character, .characterArray: "bpchar"
    case .characterVarying, .characterVaryingArray: "varchar"
    default: (element ?? self).name ?? "?column?"
    }
  }

  /// The type that a canonical name (`WireType.canonicalName`) stands for, where it is listed here.
  public init?(named name: String) {
    guard let type = Self.named[name] else { return nil }
    self = type
  }

  /// A type's usual name for any of its names: `int8` is `bigint`, `float4[]` is `real[]`. Names that are not
  /// listed here stay as they are.
  ///
  /// - Parameter name: folded to lower case, without schema.
  public static func canonicalName(_ name: String) -> String {
    if name.hasSuffix("[]") {
      let element = String(name.dropLast(2))
      return aliases[element].map { $0 + "[]" } ?? name
    }
    return aliases[name] ?? name
  }

  private static let aliases: [String: String] = [
    "bool": "boolean", "int2": "smallint", "int4": "integer", "int": "integer", "int8": "bigint",
    "float4": "real", "float8": "double precision", "float": "double precision", "decimal": "numeric",
    "varchar": "character varying", "bpchar": "character", "char": "character",
  ]

  private static let elements: [(WireType, String, WireType?)] = [
    (.boolean, "boolean", .booleanArray), (.name, "name", nil), (.bigint, "bigint", .bigintArray),
    (.smallint, "smallint", .smallintArray), (.integer, "integer", .integerArray),
    (.text, "text", .textArray), (.json, "json", .jsonArray), (.real, "real", .realArray),
    (.doublePrecision, "double precision", .doublePrecisionArray), (.unknown, "unknown", nil),
    (.character, "character", .characterArray),
    (.characterVarying, "character varying", .characterVaryingArray),
    (.numeric, "numeric", .numericArray), (.jsonb, "jsonb", .jsonbArray),
  ]

  private static let listed: [WireType: (name: String, element: WireType?)] = {
    var table: [WireType: (name: String, element: WireType?)] = [:]
    for (type, name, array) in elements {
      table[type] = (name, nil)
      if let array { table[array] = (name + "[]", type) }
    }
    return table
  }()

  private static let arrays: [WireType: WireType] = {
    var table: [WireType: WireType] = [:]
    for case (let type, _, let array?) in elements { table[type] = array }
    return table
  }()

  private static let named: [String: WireType] = {
    var table: [String: WireType] = [:]
    for (type, entry) in listed { table[entry.name] = type }
    return table
  }()
}
