import Functions
import Inference
import ModelFiles
import PostgresWire
import ResultCache
import Threads

/// The row behind `sibyl.status`.
enum BridgeStatus {
  static let columns = [
    WireColumn("version", .text), WireColumn("started", .text), WireColumn("uptime", .doublePrecision),
    WireColumn("models", .textArray), WireColumn("queue_length", .bigint), WireColumn("requests", .bigint),
    WireColumn("answered", .bigint), WireColumn("cache_hits", .bigint),
    WireColumn("rows_per_second", .doublePrecision), WireColumn("sessions", .bigint),
  ]

  static func row(counters: BridgeCounters, waiting: Int, sessions: Int) -> WireRows {
    let totals = counters.totals
    let uptime = MonotonicClock.seconds - counters.started
    let started = Double(MonotonicClock.wallMilliseconds) / 1000 - uptime
    return WireRows(
      columnCount: columns.count,
      cells: [
        .text(SibylVersion.current), .text(UTCTime.text(secondsSince1970: started)), .double(uptime),
        .texts(loadedModels()), .integer(Int64(waiting)), .integer(Int64(totals.requests)),
        .integer(Int64(totals.answered)), .integer(Int64(ResultCache.shared.statistics().hits)),
        .double(totals.rowsPerSecond), .integer(Int64(sessions)),
      ])
  }

  /// The names of the models that are in memory.
  private static func loadedModels() -> [String?] {
    let installed = (try? ModelStore().list()) ?? []
    return installed.compactMap { entry -> String? in
      guard entry.fault == nil, let model = try? ModelStore().model(named: entry.name) else { return nil }
      return InferenceEngine.shared.isLoaded(model) ? entry.name : nil
    }
  }
}
