import Diagnostics
import JSON

/// A JSON argument, parsed and decoded. Shared by all calls that were given the same text.
final class DecodedJSON: Sendable {
  /// The same JSON written in the one canonical way: what goes into a cache key.
  let canonical: String
  /// What the parameter's `decode` made of it.
  let content: (any Sendable)?

  private init(canonical: String, content: (any Sendable)?) {
    self.canonical = canonical
    self.content = content
  }

  /// Parses and decodes an argument.
  /// - Throws: the fault as it is told after the argument's name: "must be …; got …".
  static func decode(_ text: String, for parameter: Parameter) throws(SibylError) -> DecodedJSON {
    let json: JSON
    do throws(SibylError) {
      json = try JSON.parse(text, maximumDepth: Limits.maximumJSONDepth)
    } catch {
      throw SibylError(
        .invalidArgument, "must be \(parameter.expected); got text that is not JSON: \(error.message)")
    }
    return DecodedJSON(canonical: json.canonical(), content: try parameter.decode?(json))
  }
}
