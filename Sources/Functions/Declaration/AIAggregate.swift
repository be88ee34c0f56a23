import Diagnostics

/// An aggregate function, declared once; see `AIFunction`.
///
/// The first parameter is a row's text. A group's texts are kept until its last row; then they come to the
/// implementation together, and all groups that are known by then as one batch. NULL texts are left out, and a group
/// without any gives NULL. The arguments behind the text must be the same for every row of a group.
public struct AIAggregate: CatalogueEntry {
  public let name: String
  public let aliases: [String]
  public let summary: String
  public let details: String
  public let parameters: [Parameter]
  public let examples: [Example]
  /// What computes a group: a function of the group's texts, as a `TextList`, and of the other arguments. It is
  /// checked, cached, batched and collected as every function is.
  public let function: AIFunction

  public var volatility: Volatility { function.volatility }
  public var returns: ValueType { function.returns }
  public var returnDescription: String { returns.rawValue }
  public var kind: String { "aggregate" }

  /// - Parameters:
  ///   - parameters: behind the text.
  ///   - revision: see `AIFunction`.
  ///   - implementation: answers groups, one call each, whose texts are `call.texts(0)`.
  package init(
    name: String, aliases: [String] = [], summary: String, details: String = "", text: String,
    parameters: [Parameter] = [], returns: ValueType, examples: [Example] = [], revision: Int = 1,
    model: ModelUse, implementation: @escaping AIFunction.Implementation
  ) {
    self.name = name
    self.aliases = aliases
    self.summary = summary
    self.details = details
    self.parameters = [.text(text)] + parameters
    self.examples = examples
    function = AIFunction(
      name: name, aliases: aliases, summary: summary,
      parameters: [Parameter("text", .texts, text)] + parameters,
      returns: returns, isCached: true, revision: revision, model: model, implementation: implementation)
  }
}
