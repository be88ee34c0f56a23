/// What a service says of a call before it runs.
public struct WireDescription: Hashable, Sendable {
  /// One type an argument: what a parameter in that place is taken for when neither the client nor a cast
  /// says its type. Missing entries stand for `text`.
  public var argumentTypes: [WireType]
  /// The columns of the result; at least one. A scalar call has exactly one.
  public var columns: [WireColumn]

  public init(argumentTypes: [WireType], columns: [WireColumn]) {
    self.argumentTypes = argumentTypes
    self.columns = columns
  }
}
