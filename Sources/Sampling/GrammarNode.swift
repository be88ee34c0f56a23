/// One place in a grammar, between two bytes of an answer.
struct GrammarNode: Sendable {
  enum Kind: UInt8, Sendable {
    /// The answer is whole.
    case end
    /// One of the listed bytes follows, or else what may follow at `next`.
    case branch
    /// The next byte says which of several values begins; it is taken there.
    case dispatch
    /// Inside a string; `next` is behind the closing quote.
    case string
    /// Before or inside a number; `next` is where it has ended.
    case number
    /// Behind an array's opening bracket; `next` is behind the closing one.
    case arrayStart
    /// Behind an array's element.
    case afterElement
  }

  var kind: Kind
  /// The array whose elements the place is in; -1 outside of arrays.
  var array: Int16
  /// Where to go on; -1 where there is nothing.
  var next: Int32 = -1
  /// The place's edges.
  var firstEdge: Int32 = 0
  var edgeCount: Int32 = 0
  /// The rule of a string or a number, or which array it is.
  var rule: Int32 = 0
}

/// How many characters (Unicode scalars) a string has.
struct StringRule: Hashable, Sendable {
  var least: Int32
  var most: Int32
}

/// How many elements an array has, and where they begin.
struct ArrayRule: Sendable {
  var least: UInt16
  var most: UInt16
  /// How deep it lies in other arrays: the place of its counter.
  var level: Int
  /// The array around it, or -1.
  var parent: Int16
  /// Where an element begins.
  var element: Int32 = -1
  /// Where the place behind a comma is.
  var separator: Int32 = -1
  /// Where the place behind an element is.
  var afterElement: Int32 = -1
}
