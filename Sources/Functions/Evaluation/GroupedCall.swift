import Diagnostics

/// A call of an aggregate function while its rows come in.
///
/// Keeps a copy of every text until the group ends, `Limits.maximumGroupBytes` at most. Owned by one thread at a
/// time.
public struct GroupedCall {
  public let aggregate: AIAggregate
  private let binder: ArgumentBinder
  private var texts = TextList()
  /// The arguments behind the text, as the first row had them.
  private var others: [Value]?

  public init(_ aggregate: AIAggregate) {
    self.aggregate = aggregate
    binder = ArgumentBinder(aggregate)
  }

  /// The arguments of the call of `aggregate.function` that answers the group; nil where no row had a text, and then
  /// the answer is NULL.
  public var arguments: [Value]? { others.map { [texts.value] + $0 } }

  /// Takes a row; a NULL text is none.
  ///
  /// - Throws: `invalidArgument` where the text is none, too much, or the arguments behind it are not those of the
  ///   rows before.
  public mutating func add(_ row: UnsafeBufferPointer<RawArgument>) throws(SibylError) {
    guard let first = row.first else { throw aggregate.arityError(0) }
    if case .null = first { return }
    guard case .text(let text) = try binder.check(try first.copied(as: 0, of: aggregate), 0) else { return }
    if let others {
      for (position, known) in others.enumerated() {
        let given = position + 1 < row.count ? row[position + 1] : .null
        if known.hasSameBytes(as: given) { continue }
        throw aggregate.argumentError(
          position + 1,
          "must be the same for every row of a group; group the query by it, or give a constant")
      }
    } else {
      others = try row.indices.dropFirst().map { position throws(SibylError) in
        try row[position].copied(as: position, of: aggregate)
      }
    }
    texts.append(text)
    guard texts.bytes.count <= Limits.maximumGroupBytes else {
      throw aggregate.argumentError(
        0,
        "must have at most \(Limits.maximumGroupBytes) bytes in all rows of a group together: aggregate smaller "
          + "groups first, and then their answers")
    }
  }
}
