/// Every function that Sibyl offers. The declarations are in `Catalogue/`, one file each; the lists of them
/// are in CatalogueList.swift, which `scripts/generate-catalogue.sh` writes.
public enum Catalogue {
  /// The scalar functions, by name.
  public static let functions: [AIFunction] = declaredFunctions.sorted { $0.name < $1.name }

  /// The table-valued functions, by name.
  public static let tables: [AITable] = declaredTables.sorted { $0.name < $1.name }

  /// The aggregate functions, by name.
  public static let aggregates: [AIAggregate] = declaredAggregates.sorted { $0.name < $1.name }

  /// All of them, by name.
  public static var entries: [any CatalogueEntry] {
    ((functions as [any CatalogueEntry]) + (tables as [any CatalogueEntry])
      + (aggregates as [any CatalogueEntry])).sorted { $0.name < $1.name }
  }

  /// The functions whose answers are kept: scalar functions, and what computes the groups of aggregate functions.
  public static let cachedFunctions: [AIFunction] =
    (functions + aggregates.map(\.function)).filter(\.isCached).sorted { $0.name < $1.name }

  /// The scalar function of a name or an alias.
  public static func function(named name: String) -> AIFunction? {
    functions.first { $0.name == name || $0.aliases.contains(name) }
  }

  /// The aggregate function of a name or an alias.
  public static func aggregate(named name: String) -> AIAggregate? {
    aggregates.first { $0.name == name || $0.aliases.contains(name) }
  }

  /// The table-valued function of a name or an alias.
  public static func table(named name: String) -> AITable? {
    tables.first { $0.name == name || $0.aliases.contains(name) }
  }
}
