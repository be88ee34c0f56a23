/// A message of a conversation with a model.
public struct ChatMessage: Hashable, Sendable {
  public enum Role: String, Hashable, Sendable {
    /// What the model is told about its task.
    case system
    case user
    /// What the model answered before.
    case assistant
  }

  public var role: Role
  public var content: String

  public init(_ role: Role, _ content: String) {
    self.role = role
    self.content = content
  }
}
