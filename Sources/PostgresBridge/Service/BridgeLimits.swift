/// What the bridge takes, so that no client can exhaust it. Each limit has an error that names it.
public struct BridgeLimits: Hashable, Sendable {
  /// The longest text of one argument, in bytes of UTF-8.
  public var textBytes = 16 << 20
  /// The most elements of an array argument.
  public var arrayElements = 100_000
  /// The most calls that wait for a thread; beyond it, new ones are refused at once.
  public var waitingCalls = 1_000
  /// How long one call may take, waiting included.
  public var callSeconds = 600.0

  public init() {}
}
