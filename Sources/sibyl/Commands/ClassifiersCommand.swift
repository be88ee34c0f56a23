import ArgumentParser
import Diagnostics
import Functions
import JSON
import ModelFiles
import SQLiteExtension

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// `sibyl classifiers`: what ai_train left in a database, and how it gets into another one.
struct ClassifiersCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "classifiers",
    abstract: "List, export, import and remove the classifiers of a database.",
    discussion: """
      SELECT ai_train('tickets', 'SELECT body, label FROM labelled') trains a classifier and stores it in the table \
      sibyl_classifiers of the database. A classifier that is exported is one file, which other databases can import.
      """,
    subcommands: [List.self, Export.self, Import.self, Remove.self])

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List the classifiers with their cross-validated figures.")

    @Argument(help: "The SQLite database.", completion: .file())
    var database: String

    @Flag(help: "Print a JSON array with the whole reports.")
    var json = false

    func run() throws {
      let connection = try Database(.file(database))
      let classifiers = try ClassifierTable(connection.connection).list()
      withExtendedLifetime(connection) {}
      if json {
        print(JSON.array(classifiers.map(jsonLine)).serialized())
        return
      }
      guard !classifiers.isEmpty else {
        print("\(database) has no classifiers; ai_train trains one")
        return
      }
      var rows = [["name", "method", "classes", "rows", "accuracy", "macro F1", "created", "digest"]]
      for classifier in classifiers {
        let report = try? JSON.parse(classifier.report)
        rows.append([
          classifier.name, classifier.method, String(classifier.labels.count),
          report?["rows"]?.integerValue.map(String.init) ?? "-", share(report?["accuracy"]),
          share(report?["macro_f1"]), classifier.created, String(classifier.digest.prefix(12)),
        ])
      }
      let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
      for row in rows {
        var line = ""
        for (column, cell) in row.enumerated() {
          let padding = String(repeating: " ", count: widths[column] - cell.count)
          // Numbers are read by their last digits.
          line += ((2...5).contains(column) ? padding + cell : cell + padding) + "  "
        }
        while line.last == " " { line.removeLast() }
        print(line)
      }
      for classifier in classifiers where classifier.state != "ready" { print(classifier.state) }
    }

    private func jsonLine(_ classifier: StoredClassifier) -> JSON {
      [
        "name": .string(classifier.name), "method": .string(classifier.method),
        "model": .string(classifier.model), "encoder": .string(classifier.encoder),
        "labels": .array(classifier.labels.map(JSON.string)), "created": .string(classifier.created),
        "digest": .string(classifier.digest), "state": .string(classifier.state),
        "report": (try? JSON.parse(classifier.report)) ?? .null,
      ]
    }

    private func share(_ value: JSON?) -> String {
      guard let value = value?.numberValue, value >= 0, value <= 1 else { return "-" }
      let tenths = Int((value * 1000).rounded())
      return "\(tenths / 10).\(tenths % 10)%"
    }
  }

  struct Export: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Write a classifier to a file.")

    @Argument(help: "The SQLite database.", completion: .file())
    var database: String

    @Argument(help: "The classifier's name.")
    var name: String

    @Option(
      name: .shortAndLong,
      help: ArgumentHelp("The file; by default NAME.classifier in this folder.", valueName: "file"))
    var output: String?

    @Flag(help: "Replace the file where it exists.")
    var force = false

    func run() throws {
      let connection = try Database(.file(database))
      let found = try ClassifierTable(connection.connection).classifier(named: name)
      withExtendedLifetime(connection) {}
      guard let classifier = found else { throw unknown(name, in: database) }
      let bytes = try ClassifierFile(classifier).bytes
      guard output != nil || !name.contains("/") else {
        throw ValidationError("\"\(name)\" is no file name; say where to with --output.")
      }
      let path = output ?? name + ".classifier"
      guard force || access(path, F_OK) != 0 else {
        throw SibylError(.invalidArgument, "\(path) exists; --force replaces it, --output names another file")
      }
      try write(bytes, to: path)
      print("wrote \(path): \(bytes.count) bytes")
    }
  }

  struct Import: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Store the classifier of a file in a database.")

    @Argument(help: "The SQLite database.", completion: .file())
    var database: String

    @Argument(help: "The file.", completion: .file())
    var file: String

    @Option(help: "The classifier's name here, where it is to be another one.")
    var name: String?

    @Flag(help: "Replace the classifier that has this name.")
    var force = false

    @Flag(help: "Make the database where there is none.")
    var create = false

    func run() throws {
      let bytes = try InputFile(path: file).contents(limit: 2 << 30)
      var classifier: StoredClassifier
      do throws(SibylError) {
        classifier = try ClassifierFile(bytes: bytes).classifier
      } catch {
        throw error.prefixed(by: file)
      }
      if let name {
        do throws(SibylError) {
          try StoredClassifier.check(name: name)
        } catch {
          throw error.prefixed(by: "--name")
        }
        classifier.name = name
      }
      let database = try Database(create ? .newFile(self.database) : .file(self.database))
      let table = ClassifierTable(database.connection)
      let stored = classifier
      try database.transaction(isCancelled: { true }) { () throws(SibylError) in
        let isTaken = try table.identity(of: stored.name) != nil
        guard force || !isTaken else {
          throw SibylError(
            .invalidArgument,
            "\(self.database) has a classifier \"\(stored.name)\"; --force replaces it, --name gives this one another "
              + "name")
        }
        try table.store(stored)
      }
      withExtendedLifetime(database) {}
      print("imported \(stored.name): \(stored.labels.count) labels, digest \(stored.digest.prefix(12))")
      if stored.state != "ready" { print(stored.state) }
    }
  }

  struct Remove: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Remove a classifier from a database.")

    @Argument(help: "The SQLite database.", completion: .file())
    var database: String

    @Argument(help: "The classifier's name.")
    var name: String

    func run() throws {
      let connection = try Database(.file(database))
      let isRemoved = try ClassifierTable(connection.connection).remove(name)
      withExtendedLifetime(connection) {}
      guard isRemoved else { throw unknown(name, in: database) }
      print("removed \(name)")
    }
  }
}

private func unknown(_ name: String, in database: String) -> SibylError {
  SibylError(
    .invalidArgument,
    "\(database) has no classifier \"\(name)\"; list them with: sibyl classifiers list \(database)")
}
