import Diagnostics
import JSON
import ResultCache
import Threads

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// What a statement's AI calls would cost on this machine.
public struct CostEstimate: Sendable {
  /// A number, and how far the true one may be off it in 19 of 20 cases.
  public struct Guess: Sendable {
    public var value: Double
    public var error: Double

    static let zero = Guess(value: 0, error: 0)

    static func + (left: Guess, right: Guess) -> Guess {
      Guess(
        value: left.value + right.value,
        error: (left.error * left.error + right.error * right.error).squareRoot())
    }
  }

  /// The calls of one function on one model that have no answer yet.
  public struct Part: Sendable {
    public var function: String
    public var model: String?
    public var calls: Int
    /// Tokens that the model reads of the rows' texts.
    public var tokens: Guess
    /// Seconds, from the time that a part of the sample took here and now; nil where it could not be answered.
    public var seconds: Guess?
  }

  /// What was met, for each function.
  public var functions: [(name: String, counts: CallCounts)] = []
  public var parts: [Part] = []
  /// Rows of the statement's query, as far as they can be known before its calls are answered.
  public var rows = 0
  /// Times the statement will be read, at least.
  public var passes = 1
  /// Whether all calls are known. Where one call's answer decides whether another is made, the other one is not.
  public var isComplete = true
  /// Bytes of memory that the process will take at its peak.
  public var peakBytes = 0

  public var calls: Int { functions.reduce(0) { $0 + $1.counts.calls } }
  public var distinct: Int { functions.reduce(0) { $0 + $1.counts.distinct } }
  public var cached: Int { functions.reduce(0) { $0 + $1.counts.cached } }
  /// All parts together.
  public var total: Part { Self.sum(of: parts, named: "") }

  /// A function's parts together: it may run on several models.
  public func total(of function: String) -> Part {
    Self.sum(of: parts.filter { $0.function == function }, named: function)
  }

  private static func sum(of parts: [Part], named function: String) -> Part {
    var sum = Part(function: function, model: nil, calls: 0, tokens: .zero, seconds: .zero)
    for part in parts {
      sum.calls += part.calls
      sum.tokens = sum.tokens + part.tokens
      sum.seconds = sum.seconds.flatMap { sum in part.seconds.map { sum + $0 } }
    }
    let models = parts.compactMap(\.model)
    sum.model = models.isEmpty ? nil : models.joined(separator: ", ")
    return sum
  }

  public init() {}
}

extension CostEstimate {
  /// Seconds that a function's sample may take.
  private static let secondsPerPart = 1.0
  private static let callsAtOnce = 32

  /// Counts the tokens of a survey's samples, and computes as much of them as a second allows; those answers are kept
  /// in the cache like any others.
  ///
  /// - Parameters:
  ///   - counts: what the collector that filled the survey has counted.
  ///   - isCancelled: asked every few milliseconds.
  /// - Throws: `.cancelled`.
  public init(
    _ survey: CallSurvey, counts: [(function: AIFunction, counts: CallCounts)],
    evaluator: Evaluator = .shared,
    isCancelled: () -> Bool
  ) throws(SibylError) {
    functions = counts.map { ($0.function.name, $0.counts) }
    var pendingBytes = 0
    for (position, stratum) in survey.strata.enumerated() {
      let sample = stratum.sample.sorted { $0.key < $1.key }.map(\.call)
      var part = Part(
        function: stratum.function.name, model: stratum.model?.installed.name, calls: stratum.calls,
        tokens: Guess(value: Double(stratum.tokens), error: 0), seconds: nil)
      if !survey.isExact, let counter = survey.counter(at: position) {
        part.tokens = Self.total(sample.map { Double(counter.tokens(of: $0)) }, of: stratum.calls)
      }
      // Trying a server out may cost money, and nobody has asked for it yet.
      if stratum.model?.installed.isRemote != true {
        part.seconds = try Self.seconds(
          sample, of: stratum.calls, stratum.function, evaluator, isCancelled: isCancelled)
      }
      parts.append(part)
      pendingBytes += stratum.bytes
    }
    // Keys that are told apart, calls that wait to be computed, and answers in memory.
    let known = distinct * 48 + min(pendingBytes, Collector.pendingByteLimit)
    let answers = min(evaluator.cache.configuration.memoryLimit, total.calls * 160)
    peakBytes = Self.peakResidentBytes + known + answers
  }

  /// The sum over all calls, by the mean of a sample (Cochran, Sampling Techniques, section 2.5, with the correction
  /// for a sample that is a large part of the whole).
  private static func total(_ sample: [Double], of count: Int) -> Guess {
    guard !sample.isEmpty else { return Guess(value: 0, error: 0) }
    let size = Double(sample.count)
    let mean = sample.reduce(0, +) / size
    guard sample.count < count else { return Guess(value: sample.reduce(0, +), error: 0) }
    let variance = sample.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / max(size - 1, 1)
    let rest = 1 - size / Double(count)
    return Guess(
      value: mean * Double(count), error: 1.96 * Double(count) * (variance / size * rest).squareRoot())
  }

  /// Times slices of the sample. The first one loads the model and warms the machine, and counts only where it is the
  /// only one.
  private static func seconds(
    _ sample: [PreparedCall], of count: Int, _ function: AIFunction, _ evaluator: Evaluator,
    isCancelled: () -> Bool
  ) throws(SibylError) -> Guess? {
    var secondsPerCall: [Double] = []
    var next = 0
    var size = callsAtOnce
    let start = MonotonicClock.seconds
    while next < sample.count, MonotonicClock.seconds - start < secondsPerPart {
      if isCancelled() { throw SibylError(.cancelled, "interrupted") }
      let slice = Array(sample[next..<min(next + size, sample.count)])
      let sliceStart = MonotonicClock.seconds
      let results = evaluator.answer(function, slice, host: NoHost())
      let seconds = MonotonicClock.seconds - sliceStart
      next += slice.count
      guard results.contains(where: { (try? $0.get()) != nil }) else { return nil }
      secondsPerCall.append(seconds / Double(slice.count))
      // Fast functions are as fast as they are in bulk only in larger slices.
      if seconds < secondsPerPart / 8 { size = min(size * 2, 128) }
    }
    if secondsPerCall.count > 1 { secondsPerCall.removeFirst() }
    guard !secondsPerCall.isEmpty else { return nil }
    let guess = total(secondsPerCall, of: max(count, secondsPerCall.count + 1))
    let value = guess.value / Double(max(count, secondsPerCall.count + 1)) * Double(count)
    // One slice says nothing about the spread, and no machine keeps its pace.
    return Guess(value: value, error: max(guess.error, value * (secondsPerCall.count < 3 ? 0.5 : 0.1)))
  }

  private static var peakResidentBytes: Int {
    var usage = rusage()
    #if canImport(Darwin)
      return getrusage(RUSAGE_SELF, &usage) == 0 ? Int(usage.ru_maxrss) : 0
    #else
      return getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage) == 0 ? Int(usage.ru_maxrss) * 1024 : 0
    #endif
  }
}

extension CostEstimate {
  /// What `ai_explain` answers.
  public var json: JSON {
    var members =
      [("calls", count(calls)), ("distinct", count(distinct)), ("cached", count(cached))]
      + Self.members(of: total)
    members += [
      ("peak_memory_mb", Self.rounded(Double(peakBytes) / 1e6, 0)), ("passes", count(passes)),
      ("rows", count(rows)),
      ("complete", .boolean(isComplete)),
      ("functions", .array(functions.map { json(of: $0.name, $0.counts) })),
    ]
    return .object(JSONObject(members))
  }

  private func json(of name: String, _ counts: CallCounts) -> JSON {
    let total = total(of: name)
    return .object(
      JSONObject(
        [
          ("function", .string(name)), ("model", total.model.map(JSON.string) ?? .null),
          ("calls", count(counts.calls)), ("distinct", count(counts.distinct)),
          ("cached", count(counts.cached)),
        ] + Self.members(of: total)))
  }

  private static func members(of part: Part) -> [(String, JSON)] {
    [
      ("to_compute", .integer(Int64(part.calls))), ("tokens", rounded(part.tokens.value, 0)),
      ("tokens_error", rounded(part.tokens.error, 0)), ("seconds", rounded(part.seconds?.value, 2)),
      ("seconds_error", rounded(part.seconds?.error, 2)),
    ]
  }

  private func count(_ number: Int) -> JSON { .integer(Int64(number)) }

  private static func rounded(_ value: Double?, _ places: Int) -> JSON {
    guard let value, value.isFinite, abs(value) < 1e15 else { return .null }
    return places == 0 ? .integer(Int64(value.rounded())) : .number((value * 100).rounded() / 100)
  }
}
