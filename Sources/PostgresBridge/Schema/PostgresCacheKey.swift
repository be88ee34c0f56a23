import Crypto

/// The key of an answer in `sibyl.cache`, as the functions in the database compute it.
///
/// SHA-256 over the function's fingerprint and each argument: a byte that says what comes (0 NULL, 1 text, 2
/// an embedding, 3 the texts of a group: how many there are in four bytes, and each as a text; behind the arguments, where
/// the answer depends on them, 4 the digest of a classifier, 5 the right label that was told), and unless it is NULL
/// its length in bytes (four bytes, the most significant first) and its
/// text form in UTF-8. An argument that was left out counts as the NULL, or the default, that stands for it.
public enum PostgresCacheKey {
  public enum Argument: Hashable, Sendable {
    case null
    /// The text form of anything but an embedding.
    case text(String)
    /// The text form of an embedding that came as `real[]`: `{0.1,0.2}`.
    case embedding(String)
    /// The texts of a group.
    case texts([String])
    /// The digest of the classifier that is asked.
    case classifier(String)
    /// The right label of the call's text.
    case correction(String)
  }

  /// - Returns: 32 bytes.
  public static func key(fingerprint: [UInt8], arguments: [Argument]) -> [UInt8] {
    var hash = SHA256()
    hash.update(data: fingerprint)
    for argument in arguments {
      switch argument {
      case .null: hash.update(data: [0])
      case .text(let text): append(text, mark: 1, to: &hash)
      case .embedding(let text): append(text, mark: 2, to: &hash)
      case .classifier(let digest): append(digest, mark: 4, to: &hash)
      case .correction(let label): append(label, mark: 5, to: &hash)
      case .texts(let texts):
        hash.update(data: [3])
        withUnsafeBytes(of: UInt32(truncatingIfNeeded: texts.count).bigEndian) {
          hash.update(bufferPointer: $0)
        }
        for text in texts { append(text, mark: 1, to: &hash) }
      }
    }
    return Array(hash.finalize())
  }

  /// The key of a call without embeddings among its arguments.
  public static func key(fingerprint: [UInt8], arguments: [String?]) -> [UInt8] {
    key(fingerprint: fingerprint, arguments: arguments.map { $0.map(Argument.text) ?? .null })
  }

  private static func append(_ text: String, mark: UInt8, to hash: inout SHA256) {
    var text = text
    text.withUTF8 { bytes in
      // PostgreSQL's texts have less than 1 GiB.
      let count = UInt32(truncatingIfNeeded: bytes.count).bigEndian
      hash.update(data: [mark])
      withUnsafeBytes(of: count) { hash.update(bufferPointer: $0) }
      hash.update(bufferPointer: UnsafeRawBufferPointer(bytes))
    }
  }
}
