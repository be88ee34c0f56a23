import Diagnostics

/// Texts with their labels, as a query gave them: checked, each pair once, and in an order of their own, so that a
/// classifier does not depend on the order in which the database happened to give them.
struct TrainingRows: Sendable {
  struct Row: Sendable {
    let text: String
    /// An index into `labels`.
    let label: Int
    /// How often the query gave it.
    var count: Int
  }

  /// The different labels, sorted by their bytes.
  let labels: [String]
  /// By label, then by text.
  let rows: [Row]
  /// Rows of the query, without the blank ones.
  let rowCount: Int
  /// Rows whose text was blank: there is nothing to learn from them.
  let blankCount: Int
  /// Corrections among the rows; nil where none were asked for.
  let correctionCount: Int?

  /// Gathers rows as they come.
  struct Gathering {
    fileprivate var pairs: [(label: String, text: String)] = []
    fileprivate var blankCount = 0
    fileprivate var correctionCount: Int?
    private var byteCount = 0
    private var number = 0

    /// - Throws: `invalidArgument`, as it is told after the argument's name.
    mutating func add(_ text: Value, _ label: Value) throws(SibylError) {
      number += 1
      let text = try string(text, "text")
      let label = try string(label, "label")
      guard !label.isBlank, !label.utf8.contains(0) else {
        throw fault("has a label that is \(label.isBlank ? "blank" : "no text: it holds a NUL character")")
      }
      guard !text.isBlank else {
        blankCount += 1
        return
      }
      byteCount += text.utf8.count + label.utf8.count
      pairs.append((label, text))
      guard pairs.count <= Limits.maximumTrainingRows, byteCount <= Limits.maximumTrainingBytes else {
        throw SibylError(
          .invalidArgument,
          "must give at most \(Limits.maximumTrainingRows) rows and \(Limits.maximumTrainingBytes >> 20) MiB of text; "
            + "it gives more: take a sample with ORDER BY random() LIMIT")
      }
    }

    /// Counts texts that were left out before as blank.
    mutating func leaveOut(blank count: Int) { blankCount += count }

    /// Gives texts that were corrected their right label, and adds those that the query did not give. Blank ones are
    /// none.
    mutating func correct(by corrections: [(text: String, label: String)]) throws(SibylError) {
      // By bytes: Swift's strings are equal across Unicode spellings.
      var labels: [[UInt8]: String] = [:]
      for (text, label) in corrections where !text.isBlank && !label.isBlank {
        labels[Array(text.utf8)] = label
      }
      correctionCount = labels.count
      guard !labels.isEmpty else { return }
      var missing = labels
      for index in pairs.indices {
        let text = Array(pairs[index].text.utf8)
        guard let label = labels[text] else { continue }
        pairs[index].label = label
        missing[text] = nil
      }
      for (text, label) in corrections where missing[Array(text.utf8)] != nil {
        try add(.text(text), .text(label))
      }
    }

    private func string(_ value: Value, _ column: String) throws(SibylError) -> String {
      if let text = value.castText { return text }
      throw fault(
        value.isNull
          ? "has NULL as its \(column); leave such rows out with WHERE … IS NOT NULL"
          : "has a blob as its \(column), which must be text")
    }

    private func fault(_ what: String) -> SibylError {
      SibylError(
        .invalidArgument, "must be a query for texts and their labels; row \(number) of its answer \(what)")
    }
  }

  /// - Throws: `invalidArgument` where there is nothing to learn, as it is told after the argument's name.
  init(_ gathering: Gathering) throws(SibylError) {
    let pairs = gathering.pairs.sorted { a, b in
      if !a.label.utf8.elementsEqual(b.label.utf8) {
        return a.label.utf8.lexicographicallyPrecedes(b.label.utf8)
      }
      return a.text.utf8.lexicographicallyPrecedes(b.text.utf8)
    }
    var labels: [String] = []
    var rows: [Row] = []
    var counts: [Int] = []
    for pair in pairs {
      if labels.last.map({ $0.utf8.elementsEqual(pair.label.utf8) }) != true {
        labels.append(pair.label)
        counts.append(0)
      }
      if let last = rows.last, last.label == labels.count - 1, last.text.utf8.elementsEqual(pair.text.utf8) {
        rows[rows.count - 1].count += 1
        continue
      }
      counts[labels.count - 1] += 1
      rows.append(Row(text: pair.text, label: labels.count - 1, count: 1))
    }
    self.labels = labels
    self.rows = rows
    rowCount = pairs.count
    blankCount = gathering.blankCount
    correctionCount = gathering.correctionCount
    try check(counts)
  }

  private func check(_ counts: [Int]) throws(SibylError) {
    func fault(_ what: String) -> SibylError {
      SibylError(
        .invalidArgument, "must give at least 2 labels with at least 2 different texts each; \(what)")
    }
    guard !rows.isEmpty else {
      throw fault(blankCount > 0 ? "all its \(blankCount) texts are blank" : "it gives no rows")
    }
    guard labels.count >= 2 else { throw fault("all its rows have the label \(Self.quoted(labels[0]))") }
    guard labels.count <= Limits.maximumLabels else {
      throw SibylError(
        .invalidArgument,
        "must give at most \(Limits.maximumLabels) different labels; it gives \(labels.count): is the second column "
          + "really the label?")
    }
    if let rare = counts.firstIndex(of: 1) {
      let others = counts.count { $0 == 1 } - 1
      let more = others > 0 ? ", and so have \(others) more labels" : ""
      throw fault(
        "\(Self.quoted(labels[rare])) has one\(more). Give such labels more rows, or leave them out")
    }
    var spellings: [String: String] = [:]
    for label in labels {
      // Swift's strings are equal across Unicode spellings; two labels that look the same are a mistake.
      if spellings[label] != nil {
        throw SibylError(
          .invalidArgument, "must give each label in one Unicode spelling; \(Self.quoted(label)) has two")
      }
      spellings[label] = label
    }
    guard labels.reduce(0, { $0 + $1.utf8.count + 1 }) <= Limits.maximumLabelBytes else {
      throw SibylError(
        .invalidArgument,
        "must give labels of at most \(Limits.maximumLabelBytes >> 10) KiB together: is the second column really the "
          + "label?")
    }
  }

  private static func quoted(_ label: String) -> String {
    "\"\(label.prefix(40))\(label.count > 40 ? "…" : "")\""
  }
}
