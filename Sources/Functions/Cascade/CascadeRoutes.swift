import JSON
import ResultCache
import Threads

/// The cascades that this process has used: their routes in memory, and how many rows went where.
///
/// Threads: any.
final class CascadeRoutes: Sendable {
  static let shared = CascadeRoutes()

  /// Routes that are kept in memory; beyond that they come from the cache again.
  private static let capacity = 64

  private struct Entry {
    var route: CascadeRoute?
    var report: CascadeReport?
  }

  private struct State {
    var entries: [CacheKey: Entry] = [:]
    /// In the order in which they were first met.
    var order: [CacheKey] = []
  }

  private let state = Guarded(State())

  /// The route of a cascade, from memory or from the cache; nil where it has none yet.
  func route(for key: CacheKey, in cache: ResultCache) -> CascadeRoute? {
    if let route = state.withLock({ $0.entries[key]?.route }) { return route }
    guard case .text(let text) = cache.lookup(key), let json = try? JSON.parse(text),
      let route = try? CascadeRoute(json)
    else { return nil }
    keep(route, for: key)
    return route
  }

  func store(_ route: CascadeRoute, for key: CacheKey, in cache: ResultCache) {
    cache.store(.text(route.json.serialized()), for: key)
    keep(route, for: key)
  }

  private func keep(_ route: CascadeRoute, for key: CacheKey) {
    state.withLock { state in
      if state.entries[key] == nil {
        if state.order.count >= Self.capacity { state.entries[state.order.removeFirst()] = nil }
        state.order.append(key)
      }
      state.entries[key, default: Entry()].route = route
    }
  }

  /// Counts rows that were answered.
  func note(_ report: CascadeReport, for key: CacheKey, kept: Int, sent: Int) {
    state.withLock { state in
      if state.entries[key] == nil {
        if state.order.count >= Self.capacity { state.entries[state.order.removeFirst()] = nil }
        state.order.append(key)
      }
      var new = report
      if let old = state.entries[key]?.report {
        new.kept = old.kept
        new.sent = old.sent
      }
      new.kept += kept
      new.sent += sent
      state.entries[key, default: Entry()].report = new
    }
  }

  var reportsByKey: [CacheKey: CascadeReport] {
    state.withLock { state in state.entries.compactMapValues(\.report) }
  }

  /// What happened so far, the cascade met first at the beginning.
  var reports: [CascadeReport] {
    state.withLock { state in state.order.compactMap { state.entries[$0]?.report } }
  }
}
