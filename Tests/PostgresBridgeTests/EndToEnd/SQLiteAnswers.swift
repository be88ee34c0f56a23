import Foundation
import TestSupport

/// What the stock `sqlite3` shell answers with the real extension: `SIBYL_EXTENSION` or build/sibyl.so.
struct SQLiteAnswers {
  static let library =
    ProcessInfo.processInfo.environment["SIBYL_EXTENSION"] ?? BridgeProcess.package + "/build/sibyl.so"

  /// Why there are none; nil where there are.
  static let obstacle: String? = {
    let obstacle: String? =
      if !FileManager.default.fileExists(atPath: library) {
        "\(library) is missing; run: make build"
      } else if StockShell.path == nil {
        "there is no sqlite3 shell; run: make setup"
      } else {
        nil
      }
    if let obstacle { print("SKIPPED: comparisons of Postgres with SQLite: \(obstacle)") }
    return obstacle
  }()

  /// A value with its type, so that nothing is equal by accident: reals and embeddings by their bits.
  static func described(_ expression: String) -> String {
    """
    CASE typeof(\(expression)) WHEN 'null' THEN 'null' WHEN 'integer' THEN 'integer ' || \(expression)
    WHEN 'real' THEN 'real ' || hex(ieee754_to_blob(\(expression)))
    WHEN 'blob' THEN 'embedding ' || hex(\(expression)) ELSE 'text ' || hex(\(expression)) END
    """
  }

  let folder: String
  let texts: [String]

  /// - Parameter texts: of the table `texts(id, body)`, where NULL comes behind them.
  init(folder: String, texts: [String] = NastyTexts.all) {
    self.folder = folder
    self.texts = texts
  }

  /// Runs a script.
  func run(_ script: String) throws -> ChildProcess.Ending {
    let rows = texts.enumerated().map { id, text in
      "(\(id), CAST(x'\(text.utf8.map { String(Int($0) + 0x100, radix: 16).dropFirst() }.joined())' AS TEXT))"
    }
    let file = folder + "/\(UUID().uuidString).sql"
    try Data(
      """
      .load \(Self.library)
      CREATE TABLE texts (id INTEGER PRIMARY KEY, body TEXT);
      INSERT INTO texts VALUES \(rows.joined(separator: ",\n")), (\(rows.count), NULL);
      \(script)

      """.utf8
    ).write(to: URL(filePath: file))
    return try ChildProcess(
      StockShell.path ?? "", ["-batch", "-init", "/dev/null", ":memory:"], input: ".read \(file)\n",
      environment: ["SIBYL_CACHE": folder + "/sqlite-cache.sqlite3"]
    ).end()
  }

  /// Answers of several queries of one column, line by line. None of their values may hold a line break.
  func lines(_ queries: [String]) throws -> [[String]] {
    let script = queries.map { "\($0);\n.print --" }.joined(separator: "\n")
    let ending = try run(script)
    guard ending.errors.isEmpty else { throw ChildProcess.Failure(description: ending.errors) }
    return ending.output.components(separatedBy: "--\n").dropLast().map {
      $0.split(separator: "\n").map(String.init)
    }
  }
}
