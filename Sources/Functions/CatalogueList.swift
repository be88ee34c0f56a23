// Derived from the declarations in Catalogue/ by scripts/generate-catalogue.sh; do not edit.

extension Catalogue {
  static let declaredFunctions: [AIFunction] = [
    .cacheStatistics,
    .config,
    .countTokens,
    .embed,
    .prefetch,
    .similarity,
    .version,
  ]

  static let declaredTables: [AITable] = [
    .chunk,
    .functionList,
    .models,
  ]
}
