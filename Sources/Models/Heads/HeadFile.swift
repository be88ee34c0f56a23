import Diagnostics

/// A trained head as a file: the regression, the encoder whose features it takes, and the recipe that made
/// it.
///
/// All numbers are little-endian, and nothing follows the checksum:
///
/// | bytes | content |
/// |---|---|
/// | 8 | the ASCII letters `SIBYLHED` |
/// | 4 | version, 1 |
/// | 4 | number of classes K, 2 to 10,000 |
/// | 4 | number of features F, 1 to 1,048,576 |
/// | 4 | width of a weight: 2 for binary16, 4 for binary32 |
/// | 4 | length N of the text that follows, at most 1 MiB |
/// | N | UTF-8: encoder, recipe, then the K class names, each ended by a zero byte |
/// | 4 K | biases, binary32 |
/// | K F times the width | weights, class after class |
/// | 8 | FNV-1a (64 bits) of all bytes before; it finds damage, not malice |
public struct HeadFile: Sendable, Equatable {
  /// How weights are stored. The default head's answers do not change measurably with half precision.
  public enum Precision: UInt32, Sendable {
    case half = 2
    case single = 4
  }

  static let magic: [UInt8] = Array("SIBYLHED".utf8)
  static let version: UInt32 = 1
  static let maximumTextLength = 1 << 20
  private static let fixedLength = 28

  public var regression: SoftmaxRegression
  /// What the features are made of, such as `all-MiniLM-L6-v2, mean pools of layers 1 to 6`.
  public var encoder: String
  /// How the head was made and how well it did, in words: data, command, measured accuracy.
  public var recipe: String

  public init(regression: SoftmaxRegression, encoder: String, recipe: String) {
    self.regression = regression
    self.encoder = encoder
    self.recipe = recipe
  }

  // MARK: Writing

  /// The file's bytes.
  ///
  /// - Throws: `SibylError` when a text holds a zero byte or is too long, or a weight is too large for the
  ///   precision.
  public func bytes(precision: Precision = .half) throws(SibylError) -> [UInt8] {
    let texts = [encoder, recipe] + regression.classNames
    guard !texts.contains(where: { $0.utf8.contains(0) }) else {
      throw SibylError(.invalidArgument, "a head file's texts must not hold a zero byte")
    }
    var text: [UInt8] = []
    for piece in texts {
      text += piece.utf8
      text.append(0)
    }
    guard text.count <= Self.maximumTextLength else {
      throw SibylError(
        .invalidArgument, "a head file's texts must fit in \(Self.maximumTextLength) bytes, not \(text.count)"
      )
    }
    if precision == .half, regression.weights.contains(where: { abs($0) > HalfPrecision.largest }) {
      throw SibylError(.invalidArgument, "this head has weights that are too large for half precision")
    }
    var bytes = Self.magic
    func append(_ value: UInt32) {
      for shift in [0, 8, 16, 24] as [UInt32] { bytes.append(UInt8(truncatingIfNeeded: value >> shift)) }
    }
    append(Self.version)
    append(UInt32(truncatingIfNeeded: regression.classCount))
    append(UInt32(truncatingIfNeeded: regression.featureCount))
    append(precision.rawValue)
    append(UInt32(truncatingIfNeeded: text.count))
    bytes += text
    for bias in regression.biases { append(bias.bitPattern) }
    for weight in regression.weights {
      switch precision {
      case .single: append(weight.bitPattern)
      case .half:
        let half = HalfPrecision.encode(weight)
        bytes.append(UInt8(truncatingIfNeeded: half))
        bytes.append(UInt8(truncatingIfNeeded: half >> 8))
      }
    }
    let checksum = bytes.withUnsafeBytes { Self.checksum($0) }
    append(UInt32(truncatingIfNeeded: checksum))
    append(UInt32(truncatingIfNeeded: checksum >> 32))
    return bytes
  }

  // MARK: Reading

  /// Reads a head from the bytes of a file. Every count is checked before it is used.
  ///
  /// - Throws: `SibylError` (`corruptFile`) that says what is wrong with the file.
  public init(bytes: UnsafeRawBufferPointer) throws(SibylError) {
    func corrupt(_ what: String) -> SibylError {
      SibylError(.corruptFile, "this is no usable head file: \(what); train it again or get a fresh copy")
    }
    guard bytes.count >= Self.fixedLength + 8, Self.magic.elementsEqual(bytes.prefix(8)) else {
      throw corrupt("it does not begin as a head file does, or is cut off")
    }
    let fields = (0..<5).map { Self.readUInt32(bytes, at: 8 + 4 * $0) }
    guard fields[0] == Self.version else {
      throw corrupt("it has version \(fields[0]), and this build reads version \(Self.version)")
    }
    let (classCount, featureCount, textLength) = (Int(fields[1]), Int(fields[2]), Int(fields[4]))
    guard (2...SoftmaxRegression.maximumClassCount).contains(classCount),
      (1...SoftmaxRegression.maximumFeatureCount).contains(featureCount),
      textLength <= Self.maximumTextLength, let precision = Precision(rawValue: fields[3])
    else {
      throw corrupt(
        "it speaks of \(classCount) classes, \(featureCount) features, \(textLength) bytes of text and "
          + "weights of \(fields[3]) bytes")
    }
    // At most 10,000 x 1,048,576 x 4: far from overflowing 64 bits.
    let weightBytes = classCount * featureCount * Int(precision.rawValue)
    let expected = Self.fixedLength + textLength + 4 * classCount + weightBytes + 8
    guard bytes.count == expected else {
      throw corrupt("it should have \(expected) bytes and has \(bytes.count)")
    }
    let body = UnsafeRawBufferPointer(rebasing: bytes.prefix(bytes.count - 8))
    let low = UInt64(Self.readUInt32(bytes, at: bytes.count - 8))
    let high = UInt64(Self.readUInt32(bytes, at: bytes.count - 4))
    guard Self.checksum(body) == high << 32 | low else {
      throw corrupt("its checksum does not fit its content")
    }

    let text = bytes[Self.fixedLength..<Self.fixedLength + textLength]
    guard text.last == 0 else { throw corrupt("its text is not ended") }
    let pieces = text.dropLast().split(separator: 0, omittingEmptySubsequences: false)
    let strings = pieces.compactMap { String(validating: $0, as: UTF8.self) }
    guard pieces.count == classCount + 2, strings.count == pieces.count else {
      throw corrupt("its text does not name an encoder, a recipe and \(classCount) classes in UTF-8")
    }
    let biasStart = Self.fixedLength + textLength
    let biases = (0..<classCount).map { Float(bitPattern: Self.readUInt32(bytes, at: biasStart + 4 * $0)) }
    let weightStart = biasStart + 4 * classCount
    let weights = (0..<classCount * featureCount).map { index in
      switch precision {
      case .single: Float(bitPattern: Self.readUInt32(bytes, at: weightStart + 4 * index))
      case .half:
        HalfPrecision.decode(
          UInt16(bytes[weightStart + 2 * index]) | UInt16(bytes[weightStart + 2 * index + 1]) << 8)
      }
    }
    do throws(SibylError) {
      regression = try SoftmaxRegression(
        classNames: Array(strings.dropFirst(2)), featureCount: featureCount, weights: weights, biases: biases)
    } catch {
      throw corrupt(error.message)
    }
    encoder = strings[0]
    recipe = strings[1]
  }

  /// As above, for bytes held in an array.
  public init(bytes: [UInt8]) throws(SibylError) {
    self = try bytes.withUnsafeBufferPointer { bytes throws(SibylError) in
      try HeadFile(bytes: UnsafeRawBufferPointer(bytes))
    }
  }

  /// The caller has checked that four bytes lie there.
  private static func readUInt32(_ bytes: UnsafeRawBufferPointer, at offset: Int) -> UInt32 {
    UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
  }

  static func checksum(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
    bytes.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
  }
}
