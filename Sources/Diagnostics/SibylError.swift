/// An error as Sibyl's users see it: one sentence that says what was expected, what came, and what to do.
///
/// Every layer throws this type (`throws(SibylError)`), so that a fault found while reading a model file
/// reaches the SQL prompt in the words in which it was found.
public struct SibylError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What went wrong, coarsely: enough for a program to choose a reaction (an exit status, a SQLSTATE).
  public enum Kind: String, Hashable, Sendable {
    /// The caller passed something that the function does not take.
    case invalidArgument
    /// A model is not installed.
    case missingModel
    /// A file that Sibyl reads is cut off, damaged, or not what it claims to be.
    case corruptFile
    /// The operating system or the host refused something: a file, memory, a thread, a lock.
    case unavailable
    /// The work was cancelled by the caller.
    case cancelled
    /// A defect in Sibyl itself, reported instead of trapping.
    case internalFault
  }

  public let kind: Kind
  /// A whole sentence for the user.
  public let message: String

  public init(_ kind: Kind, _ message: String) {
    self.kind = kind
    self.message = message
  }

  public var description: String { message }

  /// The same error, told on behalf of a function: `ai_embed: …`.
  public func prefixed(by name: String) -> SibylError {
    SibylError(kind, "\(name): \(message)")
  }
}
