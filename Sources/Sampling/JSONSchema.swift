import Diagnostics
import JSON

/// What a JSON answer must look like: the part of JSON Schema (draft 2020-12) that can be kept to while the
/// answer is being written.
///
/// Objects have the listed properties and no others, in the listed order; strings, arrays and numbers are bounded,
/// so that every answer ends. What is not supported is refused rather than left out.
public struct JSONSchema: Hashable, Sendable {
  /// A schema without its words.
  indirect enum Shape: Hashable, Sendable {
    case object([Property])
    case array(Shape, count: ClosedRange<Int>)
    case string(StringRule)
    case number(NumberRule)
    /// One of some scalars, as JSON text.
    case literals([String])
    /// One of several shapes that begin with different bytes.
    case alternatives([Shape])
  }

  struct Property: Hashable, Sendable {
    var name: String
    var shape: Shape
    var isRequired: Bool
  }

  let shape: Shape

  /// Where a schema sets no bound.
  static let defaultLongestString = 1_000
  static let defaultMostElements = 100
  static let wholeDigits: Int32 = 15
  static let fractionDigits: Int32 = 6
  /// What a schema may set.
  static let longestString = 100_000
  static let mostElements = 10_000
  static let greatestDepth = 16
  static let mostProperties = 200
  static let mostLiterals = 1_000

  /// Reads a JSON Schema.
  ///
  /// Supported: `type` (one or several), `properties`, `required`, `additionalProperties`, `items`, `minItems`,
  /// `maxItems`, `minLength`, `maxLength`, `minimum`, `maximum`, `exclusiveMinimum`, `exclusiveMaximum`, `enum`
  /// and `const` of scalars, `anyOf` and `oneOf` of values that begin differently; `title`, `description` and
  /// other notes are read over.
  ///
  /// - Throws: `invalidArgument`: where in the schema the fault is, and what to change.
  public init(_ json: JSON) throws(SibylError) {
    shape = try JSONSchemaReader().shape(json, at: JSONSchemaReader.Place())
  }

  init(shape: Shape) { self.shape = shape }
}
