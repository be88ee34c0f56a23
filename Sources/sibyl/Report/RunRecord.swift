import Functions
import Threads

/// What a bulk job did, as far as its report tells: gathered while it runs, in bounded memory.
///
/// Used on the job's thread only.
final class RunRecord: AnswerWitness {
  /// A row that the report shows.
  struct Row {
    let function: String
    let text: String
    let answer: String
    /// A probability, or seconds: what the row is shown for.
    let measure: Double
  }

  /// The answers of one function.
  struct Answers {
    let function: String
    var count = 0
    var missing = 0
    /// How often each answer was given; nil once there are too many different ones to be labels.
    var labels: [String: Int]? = [:]
    /// How many answers had a confidence from 0 to 0.05, to 0.1 and so on.
    var confidences = [Int](repeating: 0, count: RunRecord.confidenceBins)
    var hasConfidences = false
  }

  /// Answers known after so many seconds.
  struct Moment {
    let seconds: Double
    let answered: Int
  }

  static let confidenceBins = 20
  private static let labelLimit = 40
  private static let labelBytes = 80
  private static let shownRows = 15
  private static let shownCharacters = 240
  private static let momentLimit = 600

  private let start = MonotonicClock.seconds
  private(set) var answers: [Answers] = []
  private(set) var leastConfident: [Row] = []
  private(set) var slowest: [Row] = []
  private(set) var moments: [Moment] = []
  private var momentSpacing = 0.05

  /// Seconds since the job began.
  var seconds: Double { MonotonicClock.seconds - start }

  // MARK: AnswerWitness

  func passBegins() {
    answers = []
    leastConfident = []
  }

  func answered(_ function: AIFunction, _ answer: Value, confidence: Double?, text: () -> String?) {
    let position = answers.firstIndex { $0.function == function.name } ?? answers.count
    if position == answers.count { answers.append(Answers(function: function.name)) }
    answers[position].count += 1
    let label = Self.label(answer)
    if label == nil { answers[position].missing += 1 }
    count(label, at: position)
    guard let confidence else { return }
    answers[position].hasConfidences = true
    let bin = Int((min(max(confidence, 0), 1) * Double(Self.confidenceBins)))
    answers[position].confidences[min(bin, Self.confidenceBins - 1)] += 1
    let worst = leastConfident.last?.measure ?? .infinity
    guard leastConfident.count < Self.shownRows || confidence < worst, let text = text() else { return }
    // The same text in other rows says nothing new.
    let row = Row(
      function: function.name, text: Self.excerpt(text), answer: label ?? "NULL", measure: confidence)
    guard !leastConfident.contains(where: { $0.text == row.text && $0.function == row.function }) else {
      return
    }
    Self.insert(row, into: &leastConfident) { $0.measure < $1.measure }
  }

  func computed(_ function: AIFunction, texts: [String], seconds: Double) {
    // Nobody times a row that is computed beside others: a batch's time is shared out by the texts' lengths.
    let bytes = texts.reduce(0) { $0 + $1.utf8.count }
    guard bytes > 0, let longest = texts.max(by: { $0.utf8.count < $1.utf8.count }) else { return }
    let share = seconds * Double(longest.utf8.count) / Double(bytes)
    guard slowest.count < Self.shownRows || share > slowest.last?.measure ?? 0 else { return }
    Self.insert(
      Row(function: function.name, text: Self.excerpt(longest), answer: "", measure: share), into: &slowest
    ) { $0.measure > $1.measure }
  }

  // MARK: Progress

  /// Notes how many answers are known now.
  func note(answered: Int) {
    let now = seconds
    guard now - (moments.last?.seconds ?? -1) >= momentSpacing else { return }
    moments.append(Moment(seconds: now, answered: answered))
    guard moments.count >= Self.momentLimit else { return }
    // Half as many, twice as far apart.
    moments = moments.enumerated().filter { $0.offset % 2 == 0 }.map(\.element)
    momentSpacing *= 2
  }

  // MARK: Parts

  private func count(_ label: String?, at position: Int) {
    guard var labels = answers[position].labels else { return }
    answers[position].labels = nil
    let name = label ?? "NULL"
    guard name.utf8.count <= Self.labelBytes, labels[name] != nil || labels.count < Self.labelLimit else {
      return
    }
    labels[name, default: 0] += 1
    answers[position].labels = labels
  }

  private static func label(_ answer: Value) -> String? {
    switch answer {
    case .null: nil
    case .integer(let number): String(number)
    // Numbers that vary are no labels.
    case .real: String(repeating: "0", count: labelBytes + 1)
    case .text(let text): text
    case .blob: String(repeating: "0", count: labelBytes + 1)
    }
  }

  private static func excerpt(_ text: String) -> String {
    let start = text.prefix(shownCharacters)
    return start.endIndex == text.endIndex ? text : start + "…"
  }

  private static func insert(_ row: Row, into rows: inout [Row], before: (Row, Row) -> Bool) {
    let index = rows.firstIndex { before(row, $0) } ?? rows.count
    rows.insert(row, at: index)
    if rows.count > shownRows { rows.removeLast() }
  }
}
