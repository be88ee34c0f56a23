import CPostgres
import Diagnostics

/// The parameters of a statement in the form in which libpq takes them: one piece of memory for all, pointers
/// into it, and what each pointer points to.
///
/// Arrays go in binary, where nothing has to be quoted: number of dimensions, whether there are NULLs, the
/// elements' type, each dimension's length and lower bound, then each element's length and bytes
/// (`array_recv` in PostgreSQL's source).
struct ParameterBuffer {
  private enum Place {
    case null
    case bytes(offset: Int, count: Int)
  }

  /// Types by their object identifiers in `pg_type`; 0 leaves the choice to the server.
  private enum TypeIdentifier {
    static let unspecified: Oid = 0
    static let bytea: Oid = 17
    static let bigint: Oid = 20
    static let text: Oid = 25
    static let doublePrecision: Oid = 701
    static let byteaArray: Oid = 1001
    static let textArray: Oid = 1009
  }

  /// What the protocol allows in one message.
  private static let maximumBytes = 1 << 30
  private static let maximumCount = 65_535

  private var storage: [UInt8] = []
  private var places: [Place] = []
  private var types: [Oid] = []
  private var formats: [Int32] = []

  init(_ parameters: [PostgresParameter]) throws(PostgresError) {
    guard parameters.count <= Self.maximumCount else {
      throw Self.fault("a statement may have \(Self.maximumCount) parameters; got \(parameters.count)")
    }
    for (index, parameter) in parameters.enumerated() {
      let start = storage.count
      var isBinary = false
      var type = TypeIdentifier.unspecified
      switch parameter {
      case .null:
        places.append(.null)
        types.append(type)
        formats.append(0)
        continue
      case .text(let text):
        guard !text.utf8.contains(0) else {
          throw Self.fault(
            "parameter $\(index + 1) holds a NUL character, which PostgreSQL's text can't hold; remove it")
        }
        storage += text.utf8
      case .integer(let number):
        type = TypeIdentifier.bigint
        storage += String(number).utf8
      case .real(let number):
        type = TypeIdentifier.doublePrecision
        storage += number.description.utf8
      case .bytes(let bytes):
        type = TypeIdentifier.bytea
        isBinary = true
        storage += bytes
      case .texts(let texts):
        type = TypeIdentifier.textArray
        isBinary = true
        guard !texts.contains(where: { $0?.utf8.contains(0) == true }) else {
          throw Self.fault(
            "an element of parameter $\(index + 1) holds a NUL character, which PostgreSQL's text can't hold; "
              + "remove it")
        }
        appendHeader(elementType: TypeIdentifier.text, count: texts.count, hasNull: texts.contains(nil))
        for text in texts { append(element: text.map { $0.utf8 }) }
      case .byteArrays(let arrays):
        type = TypeIdentifier.byteaArray
        isBinary = true
        appendHeader(elementType: TypeIdentifier.bytea, count: arrays.count, hasNull: false)
        for bytes in arrays { append(element: bytes) }
      }
      places.append(.bytes(offset: start, count: storage.count - start))
      types.append(type)
      formats.append(isBinary ? 1 : 0)
      // Text parameters are C strings.
      storage.append(0)
      guard storage.count < Self.maximumBytes else {
        throw Self.fault("the parameters of a statement must have less than 1 GiB; send them in parts")
      }
    }
  }

  /// Lends the pointers that libpq's functions take.
  func withPointers<Answer>(
    _ body: (
      _ count: Int32, _ types: UnsafePointer<Oid>, _ values: UnsafePointer<UnsafePointer<CChar>?>,
      _ lengths: UnsafePointer<Int32>, _ formats: UnsafePointer<Int32>
    ) -> Answer
  ) -> Answer {
    storage.withUnsafeBytes { bytes in
      var values: [UnsafePointer<CChar>?] = []
      var lengths: [Int32] = []
      for place in places {
        switch place {
        case .null:
          values.append(nil)
          lengths.append(0)
        case .bytes(let offset, let count):
          values.append(bytes.baseAddress?.advanced(by: offset).assumingMemoryBound(to: CChar.self))
          lengths.append(Int32(clamping: count))
        }
      }
      return body(Int32(clamping: places.count), types, values, lengths, formats)
    }
  }

  private mutating func appendHeader(elementType: Oid, count: Int, hasNull: Bool) {
    append(count == 0 ? 0 : 1)
    append(hasNull ? 1 : 0)
    append(Int32(bitPattern: elementType))
    guard count > 0 else { return }
    append(Int32(clamping: count))
    append(1)
  }

  private mutating func append(element: (some Collection<UInt8>)?) {
    guard let element else { return append(-1) }
    append(Int32(clamping: element.count))
    storage += element
  }

  private mutating func append(_ number: Int32) {
    withUnsafeBytes(of: number.bigEndian) { storage += $0 }
  }

  private static func fault(_ message: String) -> PostgresError {
    PostgresError(SibylError(.invalidArgument, message), sqlState: "22023")
  }
}
