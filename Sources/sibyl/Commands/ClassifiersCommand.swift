import ArgumentParser
import Diagnostics
import Functions
import JSON
import ModelFiles

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
      sibyl_classifiers of a SQLite database, or sibyl.classifiers of a PostgreSQL database, which --dsn names. A \
      classifier that is exported is one file, which other databases of either kind can import.
      """,
    subcommands: [List.self, Export.self, Import.self, Remove.self])

  /// The database, and what else a command names.
  struct Arguments: ParsableArguments {
    @Argument(
      help: ArgumentHelp(
        "The SQLite database, unless --dsn names another one, and what the command is about.",
        valueName: "database> <name"))
    var arguments: [String] = []

    @Option(help: ArgumentHelp("The address of a PostgreSQL database.", valueName: "address"))
    var dsn: String?

    /// - Parameter expected: what the command is about, in words; nil where that is the database alone.
    func parse(_ expected: String?) throws(ValidationError) -> (path: String?, other: String) {
      let count = (dsn == nil ? 1 : 0) + (expected == nil ? 0 : 1)
      guard arguments.count == count else {
        let wanted = [dsn == nil ? "a database" : nil, expected].compactMap { $0 }
        throw ValidationError(
          wanted.isEmpty
            ? "Nothing is expected beside --dsn." : "Expected: \(wanted.joined(separator: " and ")).")
      }
      return (dsn == nil ? arguments[0] : nil, expected == nil ? "" : arguments[count - 1])
    }
  }

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List the classifiers with their cross-validated figures.")

    @OptionGroup var given: Arguments

    @Flag(help: "Print a JSON array with the whole reports.")
    var json = false

    func run() throws {
      let database = try ClassifierDatabase(path: given.parse(nil).path, dsn: given.dsn)
      let classifiers = try database.list()
      if json {
        print(JSON.array(classifiers.map(jsonLine)).serialized())
        return
      }
      guard !classifiers.isEmpty else {
        print("\(database.name) has no classifiers; ai_train trains one")
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

    @OptionGroup var given: Arguments

    @Option(
      name: .shortAndLong,
      help: ArgumentHelp("The file; by default NAME.classifier in this folder.", valueName: "file"))
    var output: String?

    @Flag(help: "Replace the file where it exists.")
    var force = false

    func run() throws {
      let (path, name) = try given.parse("a classifier's name")
      let database = try ClassifierDatabase(path: path, dsn: given.dsn)
      guard let classifier = try database.classifier(named: name) else { throw unknown(name, in: database) }
      let bytes = try ClassifierFile(classifier).bytes
      guard output != nil || !name.contains("/") else {
        throw ValidationError("\"\(name)\" is no file name; say where to with --output.")
      }
      let file = output ?? name + ".classifier"
      guard force || access(file, F_OK) != 0 else {
        throw SibylError(.invalidArgument, "\(file) exists; --force replaces it, --output names another file")
      }
      try write(bytes, to: file)
      print("wrote \(file): \(bytes.count) bytes")
    }
  }

  struct Import: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Store the classifier of a file in a database.")

    @OptionGroup var given: Arguments

    @Option(help: "The classifier's name here, where it is to be another one.")
    var name: String?

    @Flag(help: "Replace the classifier that has this name.")
    var force = false

    @Flag(help: "Make the database where there is none.")
    var create = false

    func run() throws {
      let (path, file) = try given.parse("a file")
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
      let database = try ClassifierDatabase(path: path, dsn: given.dsn, creates: create)
      guard try database.store(classifier, replaces: force) else {
        throw SibylError(
          .invalidArgument,
          "\(database.name) has a classifier \"\(classifier.name)\"; --force replaces it, --name gives this one another "
            + "name")
      }
      print(
        "imported \(classifier.name): \(classifier.labels.count) labels, digest \(classifier.digest.prefix(12))"
      )
      if classifier.state != "ready" { print(classifier.state) }
    }
  }

  struct Remove: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Remove a classifier from a database.")

    @OptionGroup var given: Arguments

    func run() throws {
      let (path, name) = try given.parse("a classifier's name")
      let database = try ClassifierDatabase(path: path, dsn: given.dsn)
      guard try database.remove(name) else { throw unknown(name, in: database) }
      print("removed \(name)")
    }
  }
}

private func unknown(_ name: String, in database: ClassifierDatabase) -> SibylError {
  SibylError(
    .invalidArgument,
    "\(database.name) has no classifier \"\(name)\"; list them with: sibyl classifiers list \(database.arguments)"
  )
}
