import CKernels
import Diagnostics

/// A GGUF file, open for reading: its header is checked in full when it is opened, its tensors are read when
/// they are asked for.
///
/// Versions 2 and 3, little-endian, of the format that ggml's docs/gguf.md describes. Tensors are copied out
/// with `pread`; nothing is mapped (see `InputFile`). A file that is cut short while it is open gives an
/// error. Any thread may read at any time.
public final class GGUFFile: Sendable {
  public let path: String
  private let file: InputFile
  let header: GGUFHeader

  /// Opens a file and checks its header.
  ///
  /// - Throws: `corruptFile` naming the file and the rule that it breaks; `unavailable` where the file cannot
  ///   be opened.
  public convenience init(path: String) throws(SibylError) {
    try self.init(file: InputFile(path: path))
  }

  package init(file: InputFile) throws(SibylError) {
    path = file.path
    self.file = file
    header = try GGUFHeader(of: file)
  }

  /// The format's version, 2 or 3.
  public var version: Int { header.version }
  /// The tensors' places are multiples of it, from the start of the data.
  public var alignment: Int { header.alignment }

  // MARK: Tensors

  /// All tensors' names, sorted.
  public var tensorNames: [String] { header.tensors.keys.sorted() }

  /// Whether there is a tensor of that name.
  public func contains(_ name: String) -> Bool { header.tensors[name] != nil }

  /// Type, shape and place of a tensor.
  ///
  /// - Throws: `corruptFile` where there is no such tensor.
  public func description(of name: String) throws(SibylError) -> GGUFTensor {
    guard let tensor = header.tensors[name] else {
      throw SibylError(.corruptFile, "\(path) has no tensor \(quoted(name))")
    }
    return tensor
  }

  /// Copies a tensor's blocks as they are into the buffer, which has room for exactly those asked for.
  ///
  /// - Parameter rows: part of the outermost dimension; nil reads all. Rows must begin and end with a block,
  ///   which those of a matrix always do.
  public func readBlocks(
    _ name: String, rows: Range<Int>? = nil, into buffer: UnsafeMutableRawBufferPointer
  ) throws(SibylError) {
    let tensor = try description(of: name)
    let elements = try self.elements(of: tensor, rows: rows)
    let blockSize = tensor.type.blockSize
    guard elements.lowerBound % blockSize == 0, elements.count % blockSize == 0,
      buffer.count == elements.count / blockSize * tensor.type.blockByteCount
    else {
      throw SibylError(
        .internalFault,
        "\(elements.count) elements of \(quoted(name)) do not fit a buffer of \(buffer.count) bytes")
    }
    let start = tensor.range.lowerBound + elements.lowerBound / blockSize * tensor.type.blockByteCount
    try file.read(at: start, into: buffer)
  }

  /// A tensor's elements as floats, in row-major order, exactly as ggml computes them.
  ///
  /// - Parameters:
  ///   - shape: the shape the caller's architecture demands, outermost dimension first.
  ///   - rows: part of the outermost dimension, to read a large table piece by piece; nil reads all.
  /// - Throws: `corruptFile` where the tensor is absent or has another shape, where the file has been cut
  ///   short, or where a value is not finite; `invalidArgument` where its type is not supported.
  public func floats(
    _ name: String, shape: [Int], rows: Range<Int>? = nil
  ) throws(SibylError) -> [Float] {
    let (tensor, elements) = try readableElements(of: name, shape: shape, rows: rows)
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

  /// As `floats(_:shape:rows:)`, into memory that the caller uses again and again.
  ///
  /// - Parameter buffer: room for exactly the elements asked for.
  public func readFloats(
    _ name: String, shape: [Int], rows: Range<Int>? = nil, into buffer: UnsafeMutableBufferPointer<Float>
  ) throws(SibylError) {
    let (tensor, elements) = try readableElements(of: name, shape: shape, rows: rows)
    guard buffer.count == elements.count else {
      throw SibylError(
        .internalFault,
        "\(elements.count) elements of \(quoted(name)) do not fit a buffer of \(buffer.count)")
    }
    try readFloats(of: tensor, elements: elements, into: buffer)
  }

  private func readableElements(
    of name: String, shape: [Int], rows: Range<Int>?
  ) throws(SibylError) -> (GGUFTensor, Range<Int>) {
    let tensor = try description(of: name)
    guard tensor.shape == shape else {
      throw SibylError(
        .corruptFile,
        "the tensor \(quoted(name)) of \(path) has the shape \(tensor.shape), where \(shape) is expected")
    }
    guard tensor.type.isReadable else {
      let types = GGUFTensorType.allCases.filter(\.isReadable).map(\.name).joined(separator: ", ")
      throw SibylError(
        .invalidArgument,
        "the tensor \(quoted(name)) of \(path) is of the type \(tensor.type.name); supported are \(types): "
          + "get the model in one of these")
    }
    return (tensor, try elements(of: tensor, rows: rows))
  }

  private func elements(of tensor: GGUFTensor, rows: Range<Int>?) throws(SibylError) -> Range<Int> {
    guard let rows else { return 0..<tensor.count }
    let extent = tensor.shape.first ?? 0
    guard rows.lowerBound >= 0, rows.upperBound <= extent else {
      throw SibylError(.internalFault, "rows \(rows) of \(quoted(tensor.name)), which has \(extent)")
    }
    let size = tensor.elementsPerRow
    return (rows.lowerBound * size)..<(rows.upperBound * size)
  }

  private func readFloats(
    of tensor: GGUFTensor, elements: Range<Int>, into floats: UnsafeMutableBufferPointer<Float>
  ) throws(SibylError) {
    let type = tensor.type
    let size = type.blockSize
    guard let base = floats.baseAddress, !elements.isEmpty else { return }
    guard elements.lowerBound % size == 0, elements.count % size == 0 else {
      throw SibylError(.internalFault, "elements \(elements) of \(quoted(tensor.name)) split a block")
    }
    // Pieces that stay in the cache between the copy and the conversion.
    let pieceBlocks = 32_768 / size
    let piece = UnsafeMutableRawBufferPointer.allocate(
      byteCount: pieceBlocks * type.blockByteCount, alignment: 64)
    defer { piece.deallocate() }
    let blocks = elements.count / size
    var offset = tensor.range.lowerBound + elements.lowerBound / size * type.blockByteCount
    var done = 0
    while done < blocks {
      let count = min(pieceBlocks, blocks - done)
      let target = base + done * size
      let isFinite: Bool
      if type == .float32 {
        let values = UnsafeMutableBufferPointer(start: target, count: count)
        try file.read(at: offset, into: UnsafeMutableRawBufferPointer(values))
        isFinite = values.allFinite
      } else {
        let source = UnsafeMutableRawBufferPointer(rebasing: piece[..<(count * type.blockByteCount)])
        try file.read(at: offset, into: source)
        isFinite = ckernels_dequantise(Int32(type.rawValue), source.baseAddress, count, target) != 0
      }
      guard isFinite else {
        throw SibylError(
          .corruptFile, "the tensor \(quoted(tensor.name)) of \(path) holds a value that is not finite")
      }
      offset += count * type.blockByteCount
      done += count
    }
  }
}
