import CSQLite
import Diagnostics
import Functions

/// The columns that ai_search has searched on a connection, with their embeddings in memory.
///
/// Used on the connection's thread only.
final class SearchedColumns {
  /// A column, and the model that embeds its texts. The names are told apart as SQLite tells them apart: byte by byte,
  /// but for the case of ASCII letters. Swift's strings are equal across Unicode spellings.
  private struct Column: Hashable {
    let schema: [UInt8]
    let table: [UInt8]
    let column: [UInt8]
    let model: String?
  }

  private final class Kept {
    let index: SearchIndex
    var probe: SchemaProbe?
    /// The state of the database that the index shows; nil where that is not certain.
    var stamp: SchemaProbe.Stamp?
    var lastUse: Int

    init(index: SearchIndex, probe: SchemaProbe?, stamp: SchemaProbe.Stamp?, lastUse: Int) {
      self.index = index
      self.probe = probe
      self.stamp = stamp
      self.lastUse = lastUse
    }
  }

  /// Rows that are in memory at once where the column does not fit.
  private static let scannedRows = 16_384

  private let connection: OpaquePointer
  private var kept: [Column: Kept] = [:]
  /// Columns that do not fit into memory: they are scanned at once.
  private var tooLarge: Set<Column> = []
  private var uses = 0

  init(_ connection: OpaquePointer) { self.connection = connection }

  /// Gives back the statements that are kept, which would keep the connection from closing.
  func releaseStatements() {
    for column in kept.values where column.probe != nil {
      column.probe = nil
      column.stamp = nil
    }
  }

  func search(_ request: SearchRequest, host: any FunctionHost) throws(SibylError) -> [SearchMatch] {
    let table = try SearchedTable(request, on: connection)
    guard let query = try request.queryVector() else {
      _ = try table.rows(request)
      return []
    }
    let column = Column(
      schema: table.schema.foldedName, table: table.name.foldedName, column: request.column.foldedName,
      model: try? request.embedder.get().modelDigest)
    uses += 1
    let known = kept[column]
    known?.lastUse = uses
    let probe = if let probe = known?.probe { probe } else { try SchemaProbe(table, on: connection) }
    try probe.begin()
    defer { probe.end() }
    let stamp = probe.stamp
    if let known, stamp != nil, known.stamp == stamp {
      return try known.index.search(query, for: request)
    }
    // Whatever goes wrong from here on, half an index must not stay.
    var index = kept.removeValue(forKey: column)?.index ?? SearchIndex(isBounded: true)
    while !tooLarge.contains(column) {
      switch try update(index, table, request, host) {
      case nil:
        kept[column] = Kept(index: index, probe: probe.mustBeKept ? probe : nil, stamp: stamp, lastUse: uses)
        return try index.search(query, for: request)
      case .dimensions: break
      case .memory:
        // An index that the column has outgrown must go before others do.
        if !index.isNew || dropOldest() { break }
        tooLarge.insert(column)
      }
      index = SearchIndex(isBounded: true)
    }
    return try scan(query, column, table, request, host)
  }

  /// Frees the embeddings of the column that was not searched for longest; false where none is left.
  private func dropOldest() -> Bool {
    guard let oldest = kept.min(by: { $0.value.lastUse < $1.value.lastUse }) else { return false }
    kept[oldest.key] = nil
    return true
  }

  private func update(
    _ index: SearchIndex, _ table: SearchedTable, _ request: SearchRequest, _ host: any FunctionHost
  ) throws(SibylError) -> SearchIndex.Obstacle? {
    let rows = try table.rows(request)
    index.beginUpdate()
    while try hasRow(rows) {
      if let obstacle = try add(rows, to: index, request, host) { return obstacle }
    }
    return try index.endUpdate(request, host: host)
  }

  /// A search that keeps nothing: some thousand rows after the other.
  private func scan(
    _ query: [Float], _ column: Column, _ table: SearchedTable, _ request: SearchRequest,
    _ host: any FunctionHost
  ) throws(SibylError) -> [SearchMatch] {
    let rows = try table.rows(request)
    var best: [SearchMatch] = []
    var isAtEnd = false
    var bytes = 0
    while !isAtEnd {
      let index = SearchIndex(isBounded: false)
      index.beginUpdate()
      var count = 0
      while count < Self.scannedRows {
        guard try hasRow(rows) else {
          isAtEnd = true
          break
        }
        _ = try add(rows, to: index, request, host)
        count += 1
      }
      _ = try index.endUpdate(request, host: host)
      bytes += index.byteCount
      best += try index.search(query, for: request)
      best.sort { $0.score != $1.score ? $0.score > $1.score : $0.rowid < $1.rowid }
      best.removeLast(max(0, best.count - request.count))
    }
    if bytes < SearchMemory.limit { tooLarge.remove(column) }
    return best
  }

  private func hasRow(_ rows: borrowing SQLStatement) throws(SibylError) -> Bool {
    let status = csqlite_step(rows.pointer)
    guard status == SQLITE_ROW || status == SQLITE_DONE else {
      throw SQLStatement.failure(of: connection, status)
    }
    return status == SQLITE_ROW
  }

  private func add(
    _ rows: borrowing SQLStatement, to index: SearchIndex, _ request: SearchRequest, _ host: any FunctionHost
  ) throws(SibylError) -> SearchIndex.Obstacle? {
    let rowid = csqlite_column_int64(rows.pointer, 0)
    return try index.add(rowid, SQLiteColumn.raw(rows.pointer, 1), for: request, host: host)
  }
}

extension String {
  /// The bytes of a name with ASCII letters in lower case: equal for names that are one to SQLite.
  var foldedName: [UInt8] { utf8.map { (65...90).contains($0) ? $0 | 0x20 : $0 } }
}
