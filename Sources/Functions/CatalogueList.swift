// Derived from the declarations in Catalogue/ by scripts/generate-catalogue.sh; do not edit.

extension Catalogue {
  static let declaredFunctions: [AIFunction] = [
    .cacheStatistics,
    .classify,
    .config,
    .countTokens,
    .embed,
    .prefetch,
    .score,
    .sentiment,
    .sentimentScore,
    .similarity,
    .version,
  ]

  static let declaredTables: [AITable] = [
    .chunk,
    .functionList,
    .models,
  ]
}
