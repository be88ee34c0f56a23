import Diagnostics
import JSON
import ModelFiles

/// A trained classifier as it stands in a row of the table `sibyl_classifiers`, and in a `ClassifierFile`.
public struct StoredClassifier: Sendable {
  public var name: String
  /// The `TrainingMethod`.
  public var method: String
  /// The encoder's name where it was trained.
  public var model: String
  /// The encoder's digest.
  public var encoder: String
  public var labels: [String]
  /// What its training found out, as `ai_train` returned it: a JSON object.
  public var report: String
  /// UTC, as ISO 8601 writes it.
  public var created: String
  /// SHA-256 of the weights.
  public var digest: String
  /// In the method's own form; nil where they were not read.
  public var weights: [UInt8]?

  /// What tells a classifier from others of its name.
  public struct Identity: Equatable, Sendable {
    let method: String
    let encoder: String
    let digest: String
    /// Bytes of the weights.
    let size: Int

    public init(method: String, encoder: String, digest: String, size: Int) {
      self.method = method
      self.encoder = encoder
      self.digest = digest
      self.size = size
    }
  }

  public init(
    name: String, method: String, model: String, encoder: String, labels: [String], report: String,
    created: String, digest: String, weights: [UInt8]?
  ) {
    self.name = name
    self.method = method
    self.model = model
    self.encoder = encoder
    self.labels = labels
    self.report = report
    self.created = created
    self.digest = digest
    self.weights = weights
  }

  /// Reads what `members` gives.
  ///
  /// - Throws: `corruptFile` that says which member is missing, as it is told after what the object is.
  public init(_ json: JSON, weights: [UInt8]?) throws(SibylError) {
    func member(_ name: String) throws(SibylError) -> String {
      guard let value = json[name]?.stringValue else { throw SibylError(.corruptFile, "has no \(name)") }
      return value
    }
    self.init(
      name: try member("name"), method: try member("method"), model: try member("model"),
      encoder: try member("encoder"), labels: json["labels"]?.arrayValue?.compactMap(\.stringValue) ?? [],
      report: (json["report"] ?? .null).serialized(), created: try member("created"),
      digest: try member("digest"), weights: weights)
  }

  /// All but the weights, as the members of a JSON object.
  public var members: JSONObject {
    [
      "name": .string(name), "method": .string(method), "model": .string(model), "encoder": .string(encoder),
      "labels": .array(labels.map(JSON.string)), "report": (try? JSON.parse(report)) ?? .null,
      "created": .string(created), "digest": .string(digest),
    ]
  }

  /// The labels as a JSON array.
  public var labelsJSON: String { JSON.array(labels.map(JSON.string)).serialized() }

  /// The labels in a JSON array; none where it is no such thing.
  public static func labels(in json: String) -> [String] {
    (try? JSON.parse(json, maximumDepth: 2))?.arrayValue?.compactMap(\.stringValue) ?? []
  }

  /// Whether this process can use it, and what to do where it can't: `ready`, or a sentence.
  public var state: String {
    do throws(SibylError) {
      _ = try Classifier.encoder(named: model, digest: encoder, of: name)
      return "ready"
    } catch {
      return error.message
    }
  }

  /// What is told where a database has no classifier of a name.
  ///
  /// - Parameters:
  ///   - names: of those that it has.
  ///   - database: which one it is: "this database".
  public static func unknown(
    _ name: String, among names: [String], of database: String
  ) -> SibylError {
    let quoted = names.map { "\"\($0)\"" }
    let known =
      quoted.isEmpty
      ? "none was trained here yet"
      : "there \(quoted.count == 1 ? "is" : "are") \(quoted.prefix(8).joined(separator: ", "))"
        + (quoted.count > 8 ? " and \(quoted.count - 8) more" : "")
    return SibylError(
      .invalidArgument,
      "argument 1 (name) must name a classifier of \(database); got \"\(name.prefix(60))\", and \(known). "
        + "Train one with ai_train('\(name.prefix(60))', 'SELECT text, label FROM …')")
  }

  /// - Throws: what is wrong with a classifier's name, as it is told after "must be".
  public static func check(name: String) throws(SibylError) {
    guard !name.isBlank, name.utf8.count <= Limits.maximumClassifierNameBytes, !name.utf8.contains(0) else {
      throw SibylError(
        .invalidArgument,
        "must be a name of 1 to \(Limits.maximumClassifierNameBytes) bytes that is not blank; got "
          + (name.isBlank ? "blank text" : "\(name.utf8.count) bytes"))
    }
    // ai_feedback takes either.
    guard Catalogue.function(named: name) == nil else {
      throw SibylError(.invalidArgument, "must not be the name of a function; got \(name)")
    }
  }
}
