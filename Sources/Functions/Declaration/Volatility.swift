/// What an answer depends on.
public enum Volatility: String, Hashable, Sendable {
  /// On the arguments and on pinned files only: the same call gives the same answer. SQLite may keep such a
  /// call's answer within a statement, and may use it in an index, a view or a trigger.
  case immutable
  /// On the arguments and on what the database holds: the same call gives the same answer within a statement. For
  /// views and triggers too, but not for an index, which would go stale.
  case stable
  /// On settings, files or the moment, or the call changes something: such a function is for the user's own
  /// statement only, never for a schema that came with a database file (SQLITE_DIRECTONLY).
  case volatile
}
