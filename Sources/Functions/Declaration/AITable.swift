import Diagnostics

/// A table-valued function, declared once; see `AIFunction`.
public struct AITable: CatalogueEntry {
  /// A column of the answer.
  public struct Column: Sendable {
    public let name: String
    public let type: ValueType
    public let summary: String

    package init(_ name: String, _ type: ValueType, _ summary: String) {
      self.name = name
      self.type = type
      self.summary = summary
    }
  }

  /// One row: one value a column, in order.
  public typealias Row = [Value]

  public let name: String
  public let aliases: [String]
  public let summary: String
  public let details: String
  public let parameters: [Parameter]
  public let columns: [Column]
  public let examples: [Example]
  public let volatility: Volatility
  public let session: SessionUse?
  public let isInPostgres: Bool
  let model: ModelUse
  let implementation: @Sendable (CallContext, Arguments) throws(SibylError) -> [Row]

  public var returnDescription: String { "table (\(columns.map(\.name).joined(separator: ", ")))" }
  public var kind: String { "table" }

  package init(
    name: String, aliases: [String] = [], summary: String, details: String = "",
    parameters: [Parameter] = [], columns: [Column], examples: [Example] = [],
    volatility: Volatility = .immutable, session: SessionUse? = nil, isInPostgres: Bool = true,
    model: ModelUse = .none,
    rows: @escaping @Sendable (CallContext, Arguments) throws(SibylError) -> [Row]
  ) {
    self.name = name
    self.aliases = aliases
    self.summary = summary
    self.details = details
    self.parameters = parameters
    self.columns = columns
    self.examples = examples
    self.volatility = volatility
    self.session = session
    self.isInPostgres = isInPostgres
    self.model = model
    self.implementation = rows
  }
}
