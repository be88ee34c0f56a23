import Diagnostics
import JSON
import ModelFiles

/// A classifier as one file, to move it from one database to another.
///
/// Nothing follows the digest, which finds damage and not malice:
///
/// | bytes | content |
/// |---|---|
/// | 8 | the ASCII letters `SIBYLCLF` |
/// | 4 | version, 1 (little-endian, as all numbers) |
/// | 4 | length N of the description, at most 64 MiB |
/// | N | the description: a JSON object with name, method, model, encoder, labels, report, created, digest |
/// | 8 | length M of the weights, at most 1 GiB |
/// | M | the weights, in the method's own form |
/// | 32 | SHA-256 of all bytes before |
public struct ClassifierFile: Sendable {
  static let magic = Array("SIBYLCLF".utf8)
  static let version: UInt64 = 1
  static let maximumDescriptionLength = 64 << 20
  static let maximumWeightLength = 1 << 30
  private static let digestLength = 32

  public let classifier: StoredClassifier

  /// - Throws: `corruptFile` where the classifier is damaged: what can't be used is not worth a file.
  public init(_ classifier: StoredClassifier) throws(SibylError) {
    _ = try Classifier(classifier)
    self.classifier = classifier
  }

  /// The file's bytes.
  public var bytes: [UInt8] {
    let text = Array(JSON.object(classifier.members).serialized().utf8)
    let weights = classifier.weights ?? []
    var bytes = Self.magic
    func append(_ value: UInt64, width: Int) {
      for byte in 0..<width { bytes.append(UInt8(truncatingIfNeeded: value >> UInt64(8 * byte))) }
    }
    append(Self.version, width: 4)
    append(UInt64(text.count), width: 4)
    bytes += text
    append(UInt64(weights.count), width: 8)
    bytes += weights
    return bytes + Digest(of: bytes).bytes
  }

  /// Reads a file. Every length is checked before it is used.
  ///
  /// - Throws: `corruptFile` that says what is wrong with it.
  public init(bytes: [UInt8]) throws(SibylError) {
    func unusable(_ what: String) -> SibylError {
      SibylError(.corruptFile, "this is no usable classifier file: \(what); export it again")
    }
    var position = 0
    func read(_ count: Int) throws(SibylError) -> ArraySlice<UInt8> {
      guard count >= 0, count <= bytes.count - position else { throw unusable("it is cut off") }
      defer { position += count }
      return bytes[position..<position + count]
    }
    func number(width: Int, atMost limit: Int, _ what: String) throws(SibylError) -> Int {
      let value = try read(width).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
      guard value <= UInt64(limit) else { throw unusable("it speaks of \(value) \(what)") }
      return Int(value)
    }
    guard bytes.starts(with: Self.magic) else { throw unusable("it does not begin as one") }
    _ = try read(Self.magic.count)
    let version = try number(width: 4, atMost: Int(UInt32.max), "as its version")
    guard version == Int(Self.version) else {
      throw unusable("it has version \(version), and this build reads version \(Self.version)")
    }
    let text = try read(
      number(width: 4, atMost: Self.maximumDescriptionLength, "bytes of description"))
    let weights = try read(number(width: 8, atMost: Self.maximumWeightLength, "bytes of weights"))
    let body = bytes[..<position]
    guard try read(Self.digestLength).elementsEqual(Digest(of: body).bytes), position == bytes.count else {
      throw unusable("its checksum does not fit its content")
    }
    guard let description = String(validating: text, as: UTF8.self),
      let json = try? JSON.parse(description, maximumDepth: Limits.maximumJSONDepth)
    else { throw unusable("its description is not JSON") }
    do throws(SibylError) {
      classifier = try StoredClassifier(json, weights: Array(weights))
    } catch {
      throw unusable("its description \(error.message)")
    }
    do throws(SibylError) {
      try StoredClassifier.check(name: classifier.name)
    } catch {
      throw unusable("its name \(error.message)")
    }
    _ = try Classifier(classifier)
  }
}
