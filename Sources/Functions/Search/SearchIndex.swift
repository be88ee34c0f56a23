import Diagnostics
import Inference
import ResultCache
import Tensor

/// The embeddings of one column of one table, and exact search among them.
///
/// An update is told all rows of the table, in the order of their rowids. Rows whose text has the same hash as before
/// keep their embedding; the other texts are embedded in large batches, through the cache. Blobs are taken for
/// embeddings as they are. NULL, blank text and vectors of zeros are left out.
///
/// Owned by one connection, and so by one thread at a time.
package final class SearchIndex {
  /// Why an update can't go on.
  package enum Obstacle {
    /// The embeddings exceed `SearchMemory.limit`.
    case memory
    /// The column's embeddings have another length than before: a new index is needed.
    case dimensions
  }

  private struct Entry {
    let rowid: Int64
    /// Where the vector is; nil while its text waits for its embedding.
    var place: Int?
    /// Names the row's text; nil for a row that holds an embedding.
    let key: CacheKey?
  }

  private struct WaitingText {
    let entry: Int
    let text: String
  }

  /// Texts that are embedded together, at most.
  private static let batchTexts = 1_024
  private static let batchBytes = 8 << 20
  /// What one row occupies beside its vector, with room for the list that an update makes.
  private static let entryBytes = 2 * MemoryLayout<Entry>.stride

  private let isBounded: Bool
  private var reservedBytes = 0
  private var vectors: FlatIndex?
  /// Of the last update, in the order of the rowids.
  private var entries: [Entry] = []

  // While an update goes on.
  private var newEntries: [Entry] = []
  private var nextOld = 0
  private var waiting: [WaitingText] = []
  private var waitingBytes = 0
  private var firstRow: Int64?
  private var obstacle: Obstacle?

  /// - Parameter isBounded: whether the index counts against `SearchMemory.limit`.
  package init(isBounded: Bool) { self.isBounded = isBounded }

  deinit { SearchMemory.release(reservedBytes) }

  /// Rows that can be found.
  package var count: Int { vectors?.count ?? 0 }

  /// Whether no update has come to its end yet.
  package private(set) var isNew = true

  /// Bytes that the embeddings and what is known of their rows occupy.
  package var byteCount: Int { (vectors?.byteCount ?? 0) + entries.count * Self.entryBytes }

  // MARK: - Updating

  /// Begins an update. An update that ends with an error or an obstacle leaves an index of no use.
  package func beginUpdate() {
    newEntries = []
    newEntries.reserveCapacity(entries.count)
    nextOld = 0
    waiting = []
    waitingBytes = 0
    firstRow = nil
    obstacle = nil
  }

  /// Tells the next row.
  ///
  /// - Returns: what keeps the update from going on.
  /// - Throws: where the row's value can't be searched, naming the row; what embedding texts throws.
  package func add(
    _ rowid: Int64, _ value: RawArgument, for request: SearchRequest, host: any FunctionHost
  ) throws(SibylError) -> Obstacle? {
    while nextOld < entries.count, entries[nextOld].rowid < rowid { forgetOld() }
    let old = nextOld < entries.count && entries[nextOld].rowid == rowid ? entries[nextOld] : nil
    switch value {
    case .null: break
    case .text(let bytes):
      let key = try request.embedder.get().key(of: bytes)
      if let old, old.key == key { return keep(old) }
      let text = try Self.text(value, rowid, request)
      if !text.isBlank { try queue(text, rowid, key, request, host) }
    case .integer(let number):
      try add(String(number), rowid, old, request, host)
    case .real(let number):
      try add(Value.text(of: number), rowid, old, request, host)
    case .blob(let bytes):
      try add(bytes, rowid, old, request)
    }
    if let current = nextOld < entries.count ? entries[nextOld] : nil, current.rowid == rowid { forgetOld() }
    return obstacle
  }

  /// Ends an update: from now on searches find its rows.
  package func endUpdate(_ request: SearchRequest, host: any FunctionHost) throws(SibylError) -> Obstacle? {
    while nextOld < entries.count { forgetOld() }
    try embedWaiting(request, host)
    // Texts whose embedding has no direction have no place.
    entries = newEntries
    newEntries = []
    nextOld = 0
    if obstacle == nil { isNew = false }
    return obstacle
  }

  /// The row is as it was.
  private func keep(_ old: Entry) -> Obstacle? {
    newEntries.append(old)
    firstRow = firstRow ?? old.rowid
    nextOld += 1
    return obstacle
  }

  /// The next row of the last update is gone, or has changed.
  private func forgetOld() {
    if let place = entries[nextOld].place { vectors?.remove(place) }
    nextOld += 1
  }

  private func add(
    _ number: String, _ rowid: Int64, _ old: Entry?, _ request: SearchRequest, _ host: any FunctionHost
  ) throws(SibylError) {
    let embedder = try request.embedder.get()
    var number = number
    let key = number.withUTF8 { embedder.key(of: UnsafeRawBufferPointer($0)) }
    if let old, old.key == key {
      _ = keep(old)
    } else {
      try queue(number, rowid, key, request, host)
    }
  }

  private func queue(
    _ text: String, _ rowid: Int64, _ key: CacheKey, _ request: SearchRequest, _ host: any FunctionHost
  ) throws(SibylError) {
    newEntries.append(Entry(rowid: rowid, place: nil, key: key))
    waiting.append(WaitingText(entry: newEntries.count - 1, text: text))
    waitingBytes += text.utf8.count
    if waiting.count >= Self.batchTexts || waitingBytes >= Self.batchBytes {
      try embedWaiting(request, host)
    }
  }

  private func embedWaiting(_ request: SearchRequest, _ host: any FunctionHost) throws(SibylError) {
    guard !waiting.isEmpty, obstacle == nil else { return }
    let texts = waiting
    waiting = []
    waitingBytes = 0
    let embeddings = try request.embedder.get().embeddings(of: texts.map(\.text), host: host)
    for (text, embedding) in zip(texts, embeddings) {
      let rowid = newEntries[text.entry].rowid
      do throws(SibylError) {
        newEntries[text.entry].place = try store(try embedding.get().values, rowid, request)
      } catch {
        guard error.kind == .invalidArgument, !error.message.contains("row \(rowid)") else { throw error }
        throw request.argumentError(
          .column, "holds a text that can't be embedded, in row \(rowid): \(error.message)")
      }
      if obstacle != nil { return }
    }
  }

  private func add(
    _ blob: UnsafeRawBufferPointer, _ rowid: Int64, _ old: Entry?, _ request: SearchRequest
  ) throws(SibylError) {
    guard !blob.isEmpty, blob.count.isMultiple(of: 4), blob.count / 4 <= FlatIndex.maximumDimensions else {
      throw request.argumentError(
        .column,
        "must hold texts, or embeddings of 4 bytes a dimension; row \(rowid) holds a blob of \(blob.count) "
          + "byte\(blob.count == 1 ? "" : "s")")
    }
    // All systems that Sibyl runs on are little-endian, as the blobs are.
    if let old, old.key == nil, let place = old.place, vectors?.isEqual(place, blob) ?? false {
      _ = keep(old)
      return
    }
    let vector = [Float](unsafeUninitializedCapacity: blob.count / 4) { buffer, count in
      UnsafeMutableRawBufferPointer(buffer).copyMemory(from: blob)
      count = blob.count / 4
    }
    if let place = try store(vector, rowid, request) {
      newEntries.append(Entry(rowid: rowid, place: place, key: nil))
    } else if let fault = vector.firstIndex(where: { !$0.isFinite }) {
      throw request.argumentError(
        .column,
        "must hold embeddings of finite numbers; in row \(rowid), value \(fault + 1) of \(vector.count) is "
          + "\(vector[fault])")
    }
  }

  /// Stores a vector; answers nil where it has no direction or there is an obstacle.
  private func store(
    _ vector: [Float], _ rowid: Int64, _ request: SearchRequest
  ) throws(SibylError) -> Int? {
    let index = vectors ?? FlatIndex(dimensions: vector.count)
    vectors = index
    guard index.dimensions == vector.count else {
      guard entries.isEmpty else {
        obstacle = .dimensions
        return nil
      }
      throw request.argumentError(
        .column,
        "must hold embeddings of one length; row \(firstRow ?? rowid) has \(index.dimensions) "
          + "dimension\(index.dimensions == 1 ? "" : "s"), row \(rowid) has \(vector.count)")
    }
    firstRow = firstRow ?? rowid
    let more = index.bytesForNextVector
    if isBounded, more > 0 {
      let bytes = more + FlatIndex.blockCapacity(dimensions: index.dimensions) * Self.entryBytes
      guard SearchMemory.reserve(bytes) else {
        obstacle = .memory
        return nil
      }
      reservedBytes += bytes
    }
    do throws(SibylError) {
      return try vector.withUnsafeBufferPointer { (vector) throws(SibylError) in try index.add(rowid, vector)
      }
    } catch {
      // The system has less memory than the limit allows.
      guard isBounded else { throw error }
      obstacle = .memory
      return nil
    }
  }

  private static func text(
    _ value: RawArgument, _ rowid: Int64, _ request: SearchRequest
  ) throws(SibylError) -> String {
    do throws(SibylError) {
      guard case .text(let text) = try value.copied(as: 0, of: AIFunction.embed) else { return "" }
      return text
    } catch {
      throw request.argumentError(
        .column, "holds a text that can't be embedded, in row \(rowid): \(error.message)")
    }
  }

  // MARK: - Searching

  /// The rows nearest to a vector, the best first.
  ///
  /// - Throws: where the vector's length is not that of the column's embeddings.
  package func search(_ query: [Float], for request: SearchRequest) throws(SibylError) -> [SearchMatch] {
    guard let vectors, vectors.count > 0 else { return [] }
    guard query.count == vectors.dimensions else {
      throw request.argumentError(
        .query,
        "must have as many dimensions as the column's embeddings; it has \(query.count), "
          + "they have \(vectors.dimensions): name the model that made them as argument 5")
    }
    let found = try InferenceEngine.shared.withTeam { (team) throws(SibylError) in
      try query.withUnsafeBufferPointer { (query) throws(SibylError) in
        try vectors.search(query, count: request.count, team: team)
      }
    }
    return found.map { SearchMatch(rowid: $0.label, score: $0.score) }
  }
}
