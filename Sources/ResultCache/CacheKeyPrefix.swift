import Crypto

/// The part of a key that all calls of one function with one model share: hashed once, then reused.
public struct CacheKeyPrefix: Hashable, Sendable {
  /// 32 bytes of SHA-256.
  let digest: [UInt8]

  /// - Parameters:
  ///   - function: the function's name.
  ///   - revision: the function's own revision; raise it when the meaning of its results changes.
  ///   - model: the digest of the model's bytes, or nil where the function needs no model.
  ///   - engine: the engine's revision and precision, whatever decides the bits of a result.
  public init(function: String, revision: Int, model: String?, engine: String) {
    var bytes: [UInt8] = []
    // A format's name first: a later encoding gets another one and so can't collide with this.
    for part in ["sibyl cache key 1", function, String(revision), model, engine] {
      guard let part else {
        bytes.append(0)
        continue
      }
      let utf8 = Array(part.utf8)
      bytes.append(1)
      withUnsafeBytes(of: UInt64(utf8.count).littleEndian) { bytes.append(contentsOf: $0) }
      bytes.append(contentsOf: utf8)
    }
    digest = Array(SHA256.hash(data: bytes))
  }
}
