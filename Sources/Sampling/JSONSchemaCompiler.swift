import Diagnostics
import JSON

/// Turns a schema into a grammar, from the answer's end to its beginning.
struct JSONSchemaCompiler {
  private var builder = GrammarBuilder()

  /// The one way in which answers are spaced, that of most JSON which models have read.
  private static let elementSeparator = ", "
  private static let nameSeparator = ": "

  /// What is around a value.
  private struct Context {
    var array: Int16 = -1
    var arrayLevel = 0
    var depth = 0

    func deeper() -> Context { Context(array: array, arrayLevel: arrayLevel, depth: depth + 1) }
  }

  /// - Throws: `invalidArgument` where the schema is too large or too deep, or has alternatives that cannot be told
  ///   apart.
  static func grammar(of schema: JSONSchema) throws(SibylError) -> Grammar {
    var compiler = JSONSchemaCompiler()
    let end = compiler.builder.end()
    let start = try compiler.compile(schema.shape, next: end, Context())
    try compiler.checkSize()
    return compiler.builder.finish(start: start)
  }

  private func checkSize() throws(SibylError) {
    if builder.isFull {
      throw SibylError(
        .invalidArgument,
        "the schema is too large; use fewer or shorter property names and values, and make fewer of them optional"
      )
    }
  }

  private mutating func compile(
    _ shape: JSONSchema.Shape, next: Int32, _ context: Context
  ) throws(SibylError) -> Int32 {
    guard context.depth <= JSONSchema.greatestDepth else {
      throw SibylError(
        .invalidArgument, "the schema nests too deep; use at most \(JSONSchema.greatestDepth) levels")
    }
    try checkSize()
    switch shape {
    case .literals(let texts):
      return builder.choice(texts.map { (Array($0.utf8), next) }, array: context.array)
    case .string(let rule): return builder.string(rule, next: next, array: context.array)
    case .number(let rule): return builder.number(rule, next: next, array: context.array)
    case .alternatives(let shapes): return try alternatives(shapes, next: next, context)
    case .array(let element, let count): return try array(element, count, next: next, context)
    case .object(let properties): return try object(properties, next: next, context)
    }
  }

  private mutating func alternatives(
    _ shapes: [JSONSchema.Shape], next: Int32, _ context: Context
  ) throws(SibylError) -> Int32 {
    // Scalars of several lists are one list.
    var starts: [Int32] = []
    var texts: [String] = []
    for shape in shapes {
      if case .literals(let more) = shape {
        texts += more
      } else {
        starts.append(try compile(shape, next: next, context))
      }
    }
    if !texts.isEmpty { starts.append(try compile(.literals(texts), next: next, context)) }
    guard starts.count > 1 else { return starts.first ?? next }
    guard let start = builder.alternatives(starts, array: context.array) else {
      throw SibylError(
        .invalidArgument,
        "the schema has alternatives (anyOf, oneOf or several types) of which two begin alike, such as two "
          + "objects or a string and a list of strings; make them one")
    }
    return start
  }

  private mutating func array(
    _ element: JSONSchema.Shape, _ count: ClosedRange<Int>, next: Int32, _ context: Context
  ) throws(SibylError) -> Int32 {
    guard context.arrayLevel < GrammarState.arrayLevels else {
      throw SibylError(
        .invalidArgument,
        "the schema has arrays in arrays more than \(GrammarState.arrayLevels) deep; use fewer levels")
    }
    let (array, after) = builder.beginArray(
      least: UInt16(truncatingIfNeeded: count.lowerBound), most: UInt16(truncatingIfNeeded: count.upperBound),
      level: context.arrayLevel, parent: context.array, next: next)
    var inner = context.deeper()
    inner.array = array
    inner.arrayLevel += 1
    let start = try compile(element, next: after, inner)
    return builder.endArray(array, element: start, separator: Array(Self.elementSeparator.utf8), next: next)
  }

  private mutating func object(
    _ properties: [JSONSchema.Property], next: Int32, _ context: Context
  ) throws(SibylError) -> Int32 {
    /// The places before the values.
    var values = [Int32](repeating: -1, count: properties.count)
    let names = properties.map { JSON.string($0.name).serialized() + Self.nameSeparator }

    /// What may stand behind the property before `index`: one of those up to the next required one, or the end.
    func ways(from index: Int, after separator: String) -> [(bytes: [UInt8], next: Int32)] {
      var ways: [(bytes: [UInt8], next: Int32)] = []
      for place in index..<properties.count {
        ways.append((Array((separator + names[place]).utf8), values[place]))
        if properties[place].isRequired { return ways }
      }
      return ways + [(Array("}".utf8), next)]
    }
    for index in properties.indices.reversed() {
      let after = builder.choice(ways(from: index + 1, after: Self.elementSeparator), array: context.array)
      values[index] = try compile(properties[index].shape, next: after, context.deeper())
    }
    let first = builder.choice(ways(from: 0, after: ""), array: context.array)
    return builder.literal(Array("{".utf8), next: first, array: context.array)
  }
}
