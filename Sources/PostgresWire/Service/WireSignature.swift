/// What is known of a call before its parameters are bound.
public struct WireSignature: Hashable, Sendable {
  /// The function's name without its schema.
  public var name: String
  /// One entry an argument: its type's name where that is known, nil for a literal or parameter without one.
  public var argumentTypes: [String?]
  public var form: WireCall.Form

  public init(_ name: String, _ argumentTypes: [String?], form: WireCall.Form = .scalar) {
    self.name = name
    self.argumentTypes = argumentTypes
    self.form = form
  }
}
