import CPostgresSchema

/// A hand-written SQL file that is compiled in.
struct SQLFile: Sendable {
  /// The file's name without its ending.
  let name: String
  let text: String

  /// `sql/postgres/schema`, in the order in which they are applied. Their names begin with their number.
  static let migrations = files(sibyl_sql_migrations(), sibyl_sql_migration_count())

  /// `sql/postgres/support`: one function a file.
  static let support = files(sibyl_sql_support(), sibyl_sql_support_count())

  private static func files(_ pointer: UnsafePointer<sibyl_sql_file>?, _ count: Int) -> [SQLFile] {
    UnsafeBufferPointer(start: pointer, count: pointer == nil ? 0 : count).map { file in
      SQLFile(
        name: String(cString: file.name),
        text: String(decoding: UnsafeBufferPointer(start: file.text, count: file.size), as: UTF8.self))
    }
  }

  /// The text with names put in for `{schema}` and the like.
  func text(replacing names: [String: String]) -> String {
    var parts: [Substring] = []
    var rest = text[...]
    while let start = rest.firstIndex(of: "{") {
      guard let end = rest[start...].firstIndex(of: "}"),
        let value = names[String(rest[rest.index(after: start)..<end])]
      else {
        // Another brace: an empty array, say.
        parts.append(rest[...start])
        rest = rest[rest.index(after: start)...]
        continue
      }
      parts.append(rest[..<start])
      parts.append(value[...])
      rest = rest[rest.index(after: end)...]
    }
    parts.append(rest)
    return parts.joined()
  }
}
