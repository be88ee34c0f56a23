/// A column of a call's result.
public struct WireColumn: Hashable, Sendable {
  public var name: String
  public var type: WireType

  public init(_ name: String, _ type: WireType) {
    self.name = name
    self.type = type
  }
}
