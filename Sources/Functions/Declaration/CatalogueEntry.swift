import Diagnostics

/// What scalar, aggregate and table-valued functions have in common: everything that a face needs to offer
/// the function and everything that its documentation says.
public protocol CatalogueEntry: Sendable {
  var name: String { get }
  /// Further names under which the same function is registered.
  var aliases: [String] { get }
  /// One sentence.
  var summary: String { get }
  /// What a user should know beyond the summary: the meaning of blank text, how long text is treated, limits.
  var details: String { get }
  /// Required ones first.
  var parameters: [Parameter] { get }
  var examples: [Example] { get }
  var volatility: Volatility { get }
  /// What the function returns, in the words of the reference table: `text`, `table (position, text, …)`.
  var returnDescription: String { get }
  /// What the function needs of the database around a call; nil where it needs nothing.
  var session: SessionUse? { get }
  /// Whether PostgreSQL has the function too, in whatever form.
  var isInPostgres: Bool { get }
  /// `scalar`, `table` or `aggregate`.
  var kind: String { get }
}

extension CatalogueEntry {
  public var session: SessionUse? { nil }
  public var isInPostgres: Bool { true }

  /// The name and the parameters as documentation writes them: `ai_chunk(text[, max_tokens[, overlap]])`.
  public var signature: String {
    var text = name + "("
    var open = 0
    for (position, parameter) in parameters.enumerated() {
      if !parameter.isRequired {
        text += "["
        open += 1
      }
      if position > 0 { text += ", " }
      text += parameter.name
    }
    return text + String(repeating: "]", count: open) + ")"
  }

  /// How many arguments a call may have.
  public var arity: ClosedRange<Int> {
    let required = parameters.prefix(while: \.isRequired).count
    return required...parameters.count
  }

  /// The fault of an argument, in the form that every function's errors have:
  /// `ai_classify: argument 2 (labels) must be a JSON array of at least 2 distinct strings; got 1`.
  func argumentError(_ position: Int, _ fault: String) -> SibylError {
    let parameter = parameters.indices.contains(position) ? " (\(parameters[position].name))" : ""
    return SibylError(.invalidArgument, "\(name): argument \(position + 1)\(parameter) \(fault)")
  }

  /// The fault of a call with too few or too many arguments.
  public func arityError(_ count: Int) -> SibylError {
    let wanted =
      arity.lowerBound == arity.upperBound
      ? "\(arity.lowerBound)" : "\(arity.lowerBound) to \(arity.upperBound)"
    return SibylError(
      .invalidArgument,
      "\(name): takes \(wanted) argument\(wanted == "1" ? "" : "s"), got \(count); "
        + "call it as \(signature)")
  }

  /// The fault of a table-valued function whose required argument is not there at all.
  public func missingArgumentError(_ position: Int) -> SibylError {
    argumentError(position, "is missing; call it as \(signature)")
  }

  /// The fault of a text beyond `Limits.maximumTextBytes`.
  func textTooLongError(_ position: Int, count: Int) -> SibylError {
    argumentError(
      position,
      "must have at most \(Limits.maximumTextBytes) bytes; got \(count): pass the text in parts (substr)")
  }
}
