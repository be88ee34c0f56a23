// Derived from the declarations in Catalogue/ by scripts/generate-catalogue.sh; do not edit.

extension Catalogue {
  static let declaredFunctions: [AIFunction] = [
    .prefetch,
    .version,
  ]

  static let declaredTables: [AITable] = [
    .functionList
  ]
}
