import Diagnostics

#if _endian(big)
  #error("safetensors files are little-endian, and so is every machine Sibyl has been tried on")
#endif

/// A safetensors file, open for reading: its header is checked in full when it is opened, its tensors are
/// read when they are asked for.
///
/// Tensors are copied out with `pread`; nothing is mapped (see `InputFile`). A file that is cut short while
/// it is open gives an error. Any thread may read at any time.
public final class SafetensorsFile: Sendable {
  public let path: String
  /// The free-form `__metadata__` of the header.
  public let metadata: [String: String]
  private let file: InputFile
  private let tensors: [String: TensorDescription]

  /// Opens a file and checks its header.
  ///
  /// - Throws: `corruptFile` naming the file, the tensor and the rule that it breaks; `unavailable` where
  ///   the file cannot be opened.
  public convenience init(path: String) throws(SibylError) {
    try self.init(file: InputFile(path: path))
  }

  /// Takes a file's bytes from memory.
  ///
  /// - Parameter name: what errors call it.
  /// - Throws: `corruptFile` as above.
  public convenience init(bytes: [UInt8], name: String) throws(SibylError) {
    try self.init(file: InputFile(bytes: bytes, name: name))
  }

  package init(file: InputFile) throws(SibylError) {
    let header = try SafetensorsHeader(of: file)
    path = file.path
    self.file = file
    metadata = header.metadata
    tensors = header.tensors
  }

  /// All tensors' names, sorted.
  public var tensorNames: [String] { tensors.keys.sorted() }

  public func contains(_ name: String) -> Bool { tensors[name] != nil }

  /// Element type, shape and place of a tensor.
  ///
  /// - Throws: `corruptFile` where there is no such tensor.
  public func description(of name: String) throws(SibylError) -> TensorDescription {
    guard let tensor = tensors[name] else {
      throw SibylError(.corruptFile, "\(path) has no tensor \(quoted(name))")
    }
    return tensor
  }

  /// Copies a tensor's bytes as they are into the buffer, whose size must be the tensor's.
  public func read(_ name: String, into buffer: UnsafeMutableRawBufferPointer) throws(SibylError) {
    let tensor = try description(of: name)
    guard buffer.count == tensor.range.count else {
      throw SibylError(
        .internalFault,
        "the tensor \(quoted(name)) of \(path) has \(tensor.range.count) bytes, the buffer \(buffer.count)")
    }
    try file.read(at: tensor.range.lowerBound, into: buffer)
  }

  /// A tensor's elements as floats, in row-major order: F32 as it is, F16 and BF16 exactly, F64 rounded.
  ///
  /// - Parameters:
  ///   - shape: the shape the caller's architecture demands.
  ///   - rows: part of the outermost dimension, to read a large table piece by piece; nil reads all.
  /// - Throws: `corruptFile` where the tensor is absent, has another shape or no floating-point type, where
  ///   the file has been cut short, or where a value is not finite.
  public func floats(
    _ name: String, shape: [Int], rows: Range<Int>? = nil
  ) throws(SibylError) -> [Float] {
    let (tensor, elements) = try self.elements(of: name, shape: shape, rows: rows)
    // An array's initialiser passes on no typed error, hence the detour.
    var failure: SibylError?
    let floats = [Float](unsafeUninitializedCapacity: elements.count) { buffer, initializedCount in
      do throws(SibylError) {
        let target = UnsafeMutableBufferPointer(rebasing: buffer[..<elements.count])
        try readFloats(of: tensor, elements: elements, into: target)
        initializedCount = elements.count
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    return floats
  }

  /// As `floats(_:shape:rows:)`, into memory that the caller uses again and again: reading a large table
  /// piece by piece into one small buffer is several times faster than into fresh memory, which the kernel
  /// must first supply page by page.
  ///
  /// - Parameter buffer: room for exactly the elements asked for.
  public func readFloats(
    _ name: String, shape: [Int], rows: Range<Int>? = nil, into buffer: UnsafeMutableBufferPointer<Float>
  ) throws(SibylError) {
    let (tensor, elements) = try self.elements(of: name, shape: shape, rows: rows)
    guard buffer.count == elements.count else {
      throw SibylError(
        .internalFault,
        "\(elements.count) elements of \(quoted(name)) do not fit a buffer of \(buffer.count)")
    }
    try readFloats(of: tensor, elements: elements, into: buffer)
  }

  private func elements(
    of name: String, shape: [Int], rows: Range<Int>?
  ) throws(SibylError) -> (TensorDescription, Range<Int>) {
    let tensor = try description(of: name)
    guard tensor.shape == shape else {
      throw SibylError(
        .corruptFile,
        "the tensor \(quoted(name)) of \(path) has the shape \(tensor.shape), where \(shape) is expected")
    }
    guard let rows else { return (tensor, 0..<tensor.count) }
    let extent = shape.first ?? 0
    guard rows.lowerBound >= 0, rows.upperBound <= extent else {
      throw SibylError(.internalFault, "rows \(rows) of \(quoted(name)), which has \(extent)")
    }
    let width = extent == 0 ? 0 : tensor.count / extent
    return (tensor, (rows.lowerBound * width)..<(rows.upperBound * width))
  }

  private func readFloats(
    of tensor: TensorDescription, elements: Range<Int>, into floats: UnsafeMutableBufferPointer<Float>
  ) throws(SibylError) {
    let type = tensor.elementType
    // Pieces that stay in the cache between the copy and the conversion.
    let pieceCount = 32_768
    let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: pieceCount * type.size, alignment: 64)
    defer { piece.deallocate() }
    var done = 0
    while done < elements.count {
      let count = min(pieceCount, elements.count - done)
      let target = UnsafeMutableBufferPointer(rebasing: floats[done..<(done + count)])
      let source = UnsafeMutableRawBufferPointer(rebasing: piece[..<(count * type.size)])
      let offset = tensor.range.lowerBound + (elements.lowerBound + done) * type.size
      switch type {
      case .float32:
        try file.read(at: offset, into: UnsafeMutableRawBufferPointer(target))
      case .float16:
        try file.read(at: offset, into: source)
        let halves = source.bindMemory(to: UInt16.self)
        for index in 0..<count { target[index] = Float(float16: halves[index]) }
      case .bfloat16:
        try file.read(at: offset, into: source)
        let halves = source.bindMemory(to: UInt16.self)
        for index in 0..<count { target[index] = Float(bitPattern: UInt32(halves[index]) << 16) }
      case .float64:
        try file.read(at: offset, into: source)
        let doubles = source.bindMemory(to: Double.self)
        for index in 0..<count { target[index] = Float(doubles[index]) }
      default:
        throw SibylError(
          .corruptFile,
          "the tensor \(quoted(tensor.name)) of \(path) holds \(type.rawValue), where a floating-point type "
            + "(F32, F16, BF16 or F64) is expected")
      }
      guard target.allFinite else {
        throw SibylError(
          .corruptFile, "the tensor \(quoted(tensor.name)) of \(path) holds a value that is not finite")
      }
      done += count
    }
  }
}

extension Float {
  /// Widens an IEEE 754 half-precision number. (Swift's `Float16` is absent on Intel Macs.)
  init(float16 bits: UInt16) {
    let sign = UInt32(bits & 0x8000) << 16
    let magnitude = UInt32(bits & 0x7FFF)
    // Moved to the exponent field of a Float, the number is too small by 2^112, also where it is subnormal;
    // one exact multiplication puts that right. Infinity and NaN keep the highest exponent.
    let value =
      magnitude < 0x7C00
      ? Float(bitPattern: magnitude << 13) * 0x1p112
      : Float(bitPattern: 0x7F80_0000 | magnitude << 13)
    self.init(bitPattern: sign | value.bitPattern)
  }
}

extension UnsafeMutableBufferPointer<Float> {
  /// Whether no element is infinite or NaN.
  var allFinite: Bool {
    // Adding one to the highest exponent carries into the sign bit; a loop without branches is vectorised.
    var carries: UInt32 = 0
    for value in self { carries |= (value.bitPattern & 0x7FFF_FFFF) &+ 0x0080_0000 }
    return carries & 0x8000_0000 == 0
  }
}
