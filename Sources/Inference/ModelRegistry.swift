import Diagnostics
import ModelFiles
import Tensor
import Threads

/// The models in memory: each is loaded once per process, whoever asks for it, and the least recently used
/// ones are let go when the memory budget is exceeded. A model in use stays until its users are done.
///
/// Threads: any. Loading happens under a lock of its own, so that a second caller waits for the first one's
/// result and callers of models already loaded do not wait at all.
final class ModelRegistry: Sendable {
  private struct Key: Hashable {
    let digest: Digest
    let precision: Precision
    /// The digest of an encoder's change, nil for the plain model.
    var adapter: Digest?
  }
  private struct Entry {
    let model: any LoadedModel
    var lastUse: UInt64
  }
  private struct Contents {
    var entries: [Key: Entry] = [:]
    var clock: UInt64 = 0
  }

  private let contents = Guarded(Contents())
  private let loading = Guarded(())

  /// Bytes of weights to keep: `SIBYL_MEMORY` in MiB, by default 1024. One model is always kept.
  static var memoryBudget: Int {
    let mebibytes = Environment["SIBYL_MEMORY"].flatMap { Int($0) } ?? 1024
    return min(max(mebibytes, 1), 1 << 24) << 20
  }

  /// - Parameter adapter: a change of the encoder, or nil for the plain one. Each change is a model of its own beside
  ///   the others, whose embeddings it shares.
  func encoder(
    for model: InstalledModel, precision: Precision, adapter: EncoderAdapter? = nil
  ) throws(SibylError) -> LoadedEncoder {
    try find(Key(digest: model.digest, precision: precision, adapter: adapter?.digest)) {
      () throws(SibylError) in
      try LoadedEncoder(
        model, precision: precision, adapter: adapter?.change,
        sibling: sibling(digest: model.digest, precision: precision))
    }
  }

  /// An encoder in memory that differs from another by an adapter at most.
  private func sibling(digest: Digest, precision: Precision) -> LoadedEncoder? {
    contents.withLock { contents in
      for (key, entry) in contents.entries where key.digest == digest && key.precision == precision {
        if let encoder = entry.model as? LoadedEncoder { return encoder }
      }
      return nil
    }
  }

  /// - Parameter perform: what a decoder that is not in memory yet will run its steps with.
  func decoder(
    for model: InstalledModel, precision: Precision, perform: @escaping GenerationLoop.Perform
  ) throws(SibylError) -> LoadedDecoder {
    try find(Key(digest: model.digest, precision: precision)) { () throws(SibylError) in
      try LoadedDecoder(model, precision: precision, perform: perform)
    }
  }

  private func find<Model: LoadedModel>(
    _ key: Key, load: () throws(SibylError) -> Model
  ) throws(SibylError) -> Model {
    if let found = use(key) as? Model { return found }
    let result: Result<Model, SibylError> = loading.withLock { _ in
      if let found = use(key) as? Model { return .success(found) }
      do throws(SibylError) {
        let loaded = try load()
        add(loaded, key)
        return .success(loaded)
      } catch { return .failure(error) }
    }
    return try result.get()
  }

  /// Whether a model is in memory, in any precision.
  func isLoaded(_ digest: Digest) -> Bool {
    contents.withLock { $0.entries.keys.contains { $0.digest == digest } }
  }

  /// The decoders in memory.
  var decoders: [LoadedDecoder] {
    contents.withLock { $0.entries.values.compactMap { $0.model as? LoadedDecoder } }
  }

  private func use(_ key: Key) -> (any LoadedModel)? {
    contents.withLock { contents in
      contents.clock += 1
      contents.entries[key]?.lastUse = contents.clock
      return contents.entries[key]?.model
    }
  }

  private func add(_ model: any LoadedModel, _ key: Key) {
    contents.withLock { contents in
      contents.clock += 1
      contents.entries[key] = Entry(model: model, lastUse: contents.clock)
      var total = contents.entries.values.reduce(0) { $0 + $1.model.size }
      while total > Self.memoryBudget, contents.entries.count > 1 {
        guard
          let oldest = contents.entries.filter({ $0.key != key }).min(by: {
            $0.value.lastUse < $1.value.lastUse
          })
        else { break }
        total -= oldest.value.model.size
        contents.entries[oldest.key] = nil
      }
    }
  }
}
