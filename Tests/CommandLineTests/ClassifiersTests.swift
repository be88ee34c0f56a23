import Foundation
import JSON
import TestSupport
import Testing

/// `sibyl classifiers`: from one database into a file and into another database.
@Suite struct ClassifiersTests {
  private func trained() throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    let run = try CommandRun(
      "run", "--create", "a.db",
      """
      CREATE TABLE t AS SELECT column1 AS body, column2 AS label FROM (VALUES ('I was charged twice', 'billing'),
        ('Where is my invoice?', 'billing'), ('My payment was declined', 'billing'),
        ('The parcel came two weeks late', 'shipping'), ('My package never arrived', 'shipping'),
        ('Delivered to the wrong address', 'shipping'));
      SELECT json_extract(ai_train('tickets', 'SELECT body, label FROM t'), '$.rows');
      """, in: folder)
    #expect(run.status == 0 && run.output.contains("6"), "\(run)")
    return folder
  }

  private func answer(_ database: String, _ name: String, _ folder: TemporaryFolder) throws -> CommandRun {
    try CommandRun(
      "run", database, "--output", "csv", "SELECT ai_predict('\(name)', 'the parcel is late')", in: folder)
  }

  @Test func goesFromDatabaseToDatabase() throws {
    let folder = try trained()
    var run = try CommandRun("classifiers", "list", "a.db", in: folder)
    #expect(run.status == 0 && run.output.contains("tickets  head          2     6"), "\(run)")
    run = try CommandRun("classifiers", "list", "--json", "a.db", in: folder)
    let json = try JSON.parse(run.output)
    #expect(json[0]?["report"]?["rows"]?.integerValue == 6 && json[0]?["state"]?.stringValue == "ready")

    run = try CommandRun("classifiers", "export", "a.db", "tickets", in: folder)
    #expect(run.status == 0 && run.output.hasPrefix("wrote tickets.classifier: "), "\(run)")
    run = try CommandRun("classifiers", "export", "a.db", "tickets", in: folder)
    #expect(run.status != 0 && run.errors.contains("tickets.classifier exists; --force"), "\(run)")
    run = try CommandRun("classifiers", "export", "a.db", "tickets", "-o", "second", in: folder)
    #expect(run.status == 0, "\(run)")
    let files = try ["tickets.classifier", "second"].map { try Data(contentsOf: URL(filePath: folder[$0])) }
    #expect(files[0] == files[1])

    run = try CommandRun("classifiers", "import", "--create", "b.db", "tickets.classifier", in: folder)
    #expect(run.status == 0 && run.output.hasPrefix("imported tickets: 2 labels"), "\(run)")
    run = try CommandRun("classifiers", "import", "b.db", "tickets.classifier", in: folder)
    #expect(run.status != 0 && run.errors.contains("has a classifier \"tickets\"; --force"), "\(run)")
    run = try CommandRun("classifiers", "import", "b.db", "tickets.classifier", "--force", in: folder)
    #expect(run.status == 0, "\(run)")
    run = try CommandRun("classifiers", "import", "b.db", "tickets.classifier", "--name", "other", in: folder)
    #expect(run.status == 0, "\(run)")
    let answers = try [
      answer("a.db", "tickets", folder), answer("b.db", "tickets", folder), answer("b.db", "other", folder),
    ]
    #expect(answers.allSatisfy { $0.status == 0 && $0.output.hasSuffix("shipping\r\n") }, "\(answers)")

    run = try CommandRun("classifiers", "remove", "b.db", "tickets", in: folder)
    #expect(run.status == 0 && run.output == "removed tickets\n", "\(run)")
    run = try CommandRun("classifiers", "remove", "b.db", "tickets", in: folder)
    #expect(run.status != 0 && run.errors.contains("b.db has no classifier \"tickets\""), "\(run)")
    run = try answer("b.db", "tickets", folder)
    #expect(run.status != 0 && run.errors.contains("and there is \"other\""), "\(run)")
  }

  @Test func damagedFilesAreRefusedAndNothingIsStored() throws {
    let folder = try trained()
    _ = try CommandRun("classifiers", "export", "a.db", "tickets", in: folder)
    var bytes = try Data(contentsOf: URL(filePath: folder["tickets.classifier"]))
    bytes[bytes.count / 2] ^= 1
    try bytes.write(to: URL(filePath: folder["damaged"]))
    try Data("SELECT 1;".utf8).write(to: URL(filePath: folder["text"]))
    for file in ["damaged", "text", "missing"] {
      let run = try CommandRun("classifiers", "import", "a.db", file, "--force", in: folder)
      #expect(run.status == 1 && run.errors.contains(file) && !run.errors.contains("Fatal"), "\(run)")
    }
    #expect(try answer("a.db", "tickets", folder).output.hasSuffix("shipping\r\n"))
    let run = try CommandRun("classifiers", "list", "missing.db", in: folder)
    #expect(run.status != 0 && run.errors.contains("There is no database at missing.db"), "\(run)")
  }
}
