import CSQLite
import Diagnostics
import SQLiteExtension

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Makes a table of a CSV file: the first record names the columns, the others are the rows.
///
/// The file is read twice, first for the columns' types, then for the rows, so that memory doesn't grow with it.
package struct CSVTable {
  /// SQLite's default limit (https://www.sqlite.org/limits.html).
  package static let maximumColumns = 2000

  package let path: String
  /// The file's name without its folder and its last extension: `data/reviews.csv` becomes `reviews`.
  package let name: String
  private let delimiter: UInt8

  /// - Parameter path: the file, or `-` for standard input, whose table is called `stdin`.
  package init(path: String, delimiter: UInt8 = UInt8(ascii: ",")) throws(SibylError) {
    self.path = path
    self.delimiter = delimiter
    if path == "-" {
      name = "stdin"
      return
    }
    let file = path.split(separator: "/").last.map(String.init) ?? ""
    if let point = file.lastIndex(of: "."), point > file.startIndex {
      name = String(file[..<point])
    } else {
      name = file
    }
    guard !name.isEmpty else {
      throw SibylError(.invalidArgument, "--csv takes the path of a file; \"\(path)\" names none")
    }
  }

  /// Creates the table and fills it, in one transaction.
  ///
  /// - Parameters:
  ///   - connection: a database without a table of that name.
  ///   - schema: `main` or `temp`.
  /// - Returns: the number of rows.
  @discardableResult
  package func load(into connection: OpaquePointer, schema: String) throws(SibylError) -> Int {
    let descriptor = try openFile()
    defer { close(descriptor) }
    let columns = try readColumns(descriptor)
    guard lseek(descriptor, 0, SEEK_SET) == 0 else { throw unreadable() }

    let target = "\(schema.quotedAsName).\(name.quotedAsName)"
    let definitions = columns.map { "\($0.name.quotedAsName) \($0.type.name)" }.joined(separator: ", ")
    try execute(connection, "BEGIN")
    do throws(SibylError) {
      try execute(connection, "CREATE TABLE \(target) (\(definitions))")
      let rows = try insertRows(descriptor, columns: columns, target: target, connection: connection)
      try execute(connection, "COMMIT")
      return rows
    } catch {
      _ = csqlite_exec(connection, "ROLLBACK")
      throw error
    }
  }

  private struct Column {
    let name: String
    var type = CSVColumnType()
  }

  /// Opens the file; what can't be read twice (a pipe) is first copied into an unnamed temporary file.
  private func openFile() throws(SibylError) -> Int32 {
    let descriptor = path == "-" ? dup(0) : open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw unreadable() }
    var status = stat()
    if fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFDIR {
      close(descriptor)
      throw SibylError(.invalidArgument, "\(path) is a folder; --csv takes a file")
    }
    if lseek(descriptor, 0, SEEK_SET) == 0 { return descriptor }
    defer { close(descriptor) }
    return try copyToTemporaryFile(descriptor)
  }

  private func copyToTemporaryFile(_ source: Int32) throws(SibylError) -> Int32 {
    var template = Array(((Environment["TMPDIR"] ?? "/tmp") + "/sibyl-csv-XXXXXX").utf8CString)
    let copy = mkstemp(&template)
    guard copy >= 0 else {
      throw SibylError(
        .unavailable, "standard input can't be kept in a temporary file: \(String(cString: strerror(errno)))")
    }
    unlink(template)
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = read(source, &buffer, buffer.count)
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else {
        let failure = unreadable()
        close(copy)
        throw failure
      }
      if count == 0 { break }
      var written = 0
      while written < count {
        let step = buffer.withUnsafeBytes {
          write(copy, $0.baseAddress.map { $0 + written }, count - written)
        }
        if step < 0 && errno == EINTR { continue }
        guard step > 0 else {
          let reason = String(cString: strerror(errno))
          close(copy)
          throw SibylError(.unavailable, "the temporary copy of \(path) can't be written: \(reason)")
        }
        written += step
      }
    }
    _ = lseek(copy, 0, SEEK_SET)
    return copy
  }

  private func unreadable() -> SibylError {
    SibylError(.unavailable, "\(path) can't be read: \(String(cString: strerror(errno)))")
  }

  private func reader(_ descriptor: Int32) -> CSVReader {
    CSVReader(descriptor: descriptor, name: path, delimiter: delimiter)
  }

  /// Reads the whole file for the columns' names and types and checks that every record has as many fields.
  private func readColumns(_ descriptor: Int32) throws(SibylError) -> [Column] {
    var reader = reader(descriptor)
    guard try reader.next() else {
      throw SibylError(.corruptFile, "\(path) is empty; its first line should name the columns")
    }
    guard reader.fieldCount <= Self.maximumColumns else {
      throw SibylError(
        .invalidArgument,
        "\(path) has \(reader.fieldCount) columns; SQLite takes \(Self.maximumColumns) at most")
    }
    let header = (0..<reader.fieldCount).map { reader.text($0) }
    var columns = Self.columnNames(header).map { Column(name: $0) }
    while try nextRow(&reader, columnCount: columns.count) {
      for index in columns.indices { reader.withField(index) { columns[index].type.see($0) } }
    }
    return columns
  }

  /// Reads the next record that is a row: blank lines between records of several fields are skipped.
  private func nextRow(_ reader: inout CSVReader, columnCount: Int) throws(SibylError) -> Bool {
    while try reader.next() {
      if reader.fieldCount == columnCount { return true }
      if reader.isBlank { continue }
      let fields = reader.fieldCount == 1 ? "1 field" : "\(reader.fieldCount) fields"
      throw SibylError(
        .corruptFile,
        "\(path), line \(reader.line): the header names \(columnCount) columns, but this record has \(fields)"
      )
    }
    return false
  }

  /// Columns need distinct names: an empty one is called by its number, a repeated one gets a number.
  package static func columnNames(_ header: [String?]) -> [String] {
    var taken: Set<String> = []
    var names: [String] = []
    for (index, field) in header.enumerated() {
      let base = trimmed(field ?? "")
      let stem = base.isEmpty ? "column\(index + 1)" : base
      var name = stem
      var number = 2
      // SQLite compares names without regard to case.
      while !taken.insert(name.lowercased()).inserted {
        name = "\(stem)_\(number)"
        number += 1
      }
      names.append(name)
    }
    return names
  }

  private static func trimmed(_ text: String) -> String {
    let isBlank = { (character: Character) in character == " " || character == "\t" }
    guard let first = text.firstIndex(where: { !isBlank($0) }),
      let last = text.lastIndex(where: { !isBlank($0) })
    else { return "" }
    return String(text[first...last])
  }

  private func insertRows(
    _ descriptor: Int32, columns: [Column], target: String, connection: OpaquePointer
  ) throws(SibylError) -> Int {
    let places = Array(repeating: "?", count: columns.count).joined(separator: ", ")
    var statement: OpaquePointer?
    guard
      csqlite_prepare_v3(connection, "INSERT INTO \(target) VALUES (\(places))", -1, 0, &statement, nil)
        == SQLITE_OK, let statement
    else { throw failure(connection) }
    defer { csqlite_finalize(statement) }

    var reader = reader(descriptor)
    _ = try reader.next()
    var rows = 0
    while try nextRow(&reader, columnCount: columns.count) {
      for index in columns.indices {
        let status = reader.withField(index) { field in
          guard let field else { return csqlite_bind_null(statement, Int32(index + 1)) }
          // The column's affinity turns numbers into numbers.
          return csqlite_bind_text(
            statement, Int32(index + 1), field.baseAddress?.assumingMemoryBound(to: CChar.self),
            Int64(field.count))
        }
        guard status == SQLITE_OK else { throw failure(connection) }
      }
      let status = csqlite_step(statement)
      csqlite_reset(statement)
      guard status == SQLITE_DONE else { throw failure(connection) }
      rows += 1
    }
    return rows
  }

  private func execute(_ connection: OpaquePointer, _ sql: String) throws(SibylError) {
    guard csqlite_exec(connection, sql) == SQLITE_OK else { throw failure(connection) }
  }

  private func failure(_ connection: OpaquePointer) -> SibylError {
    let kind: SibylError.Kind =
      csqlite_errcode(connection) == SQLITE_INTERRUPT ? .cancelled : .unavailable
    return SibylError(
      kind, "\(path) can't become the table \(name): \(String(cString: csqlite_errmsg(connection)))")
  }
}
