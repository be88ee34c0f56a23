/// A model in memory, as the registry keeps it.
protocol LoadedModel: AnyObject, Sendable {
  /// Bytes of weights.
  var size: Int { get }
}
