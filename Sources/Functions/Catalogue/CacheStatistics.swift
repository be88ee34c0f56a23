import JSON
import ResultCache

extension AIFunction {
  static let cacheStatistics = AIFunction(
    name: "ai_cache_stats",
    summary: "What the result cache did in this process and what it holds, as a JSON object.",
    details: """
      hits and misses count lookups since the process began, apart for memory and file; entries and bytes are \
      those of the file. state is ready, unopened, off, or bypassed while the file cannot be used, and problem \
      then says why.
      """,
    returns: .json,
    examples: [
      Example(
        "SELECT json_valid(ai_cache_stats());", gives: "1",
        postgres: .init("SELECT jsonb_typeof(ai_cache_stats());", gives: "object"))
    ],
    volatility: .volatile,
    eachCall: { context, _ in
      let statistics = context.evaluator.cache.statistics()
      let json: JSON = [
        "hits": .integer(Int64(statistics.hits)),
        "misses": .integer(Int64(statistics.misses)),
        "entries": .integer(Int64(statistics.diskEntries)),
        "bytes": .integer(Int64(statistics.diskBytes)),
        "file": statistics.path.map(JSON.string) ?? .null,
        "state": .string(statistics.fileState.rawValue),
        "problem": statistics.problem.map { .string($0.message) } ?? .null,
        "memory": [
          "hits": .integer(Int64(statistics.memoryHits)),
          "entries": .integer(Int64(statistics.memoryEntries)),
          "bytes": .integer(Int64(statistics.memoryBytes)),
          "evictions": .integer(Int64(statistics.memoryEvictions)),
        ],
        "disk": [
          "hits": .integer(Int64(statistics.diskHits)),
          "evictions": .integer(Int64(statistics.diskEvictions)),
          "damaged": .integer(Int64(statistics.damagedEntries)),
          "unsaved": .integer(Int64(statistics.unsavedStores)),
        ],
      ]
      return .text(json.serialized())
    })
}
