// Derived from the declarations in Catalogue/ by scripts/generate-catalogue.sh; do not edit.

extension Catalogue {
  static let declaredFunctions: [AIFunction] = [
    .cacheStatistics,
    .classify,
    .config,
    .countTokens,
    .distill,
    .embed,
    .emotion,
    .evaluate,
    .explain,
    .extract,
    .feedback,
    .filter,
    .fixGrammar,
    .generate,
    .generationStatistics,
    .mask,
    .predict,
    .predictProbabilities,
    .prefetch,
    .score,
    .sentiment,
    .sentimentScore,
    .similarity,
    .summarize,
    .train,
    .translate,
    .version,
  ]

  static let declaredTables: [AITable] = [
    .cascades,
    .chunk,
    .classifiers,
    .functionList,
    .models,
    .review,
    .search,
  ]

  static let declaredAggregates: [AIAggregate] = [
    .aggregate,
    .summarizeAggregate,
  ]
}
