/// The members of a JSON object, in the order in which they came.
///
/// Keys are compared byte by byte, not by Unicode equivalence as Swift's strings are: a vocabulary may hold
/// the composed and the decomposed spelling of a word as two tokens. Where a key comes twice the last value
/// counts, at the place of the first, and `duplicateKeys` tells.
public struct JSONObject: Sendable {
  private var members: [(key: String, value: JSON)] = []
  /// Key to position; kept only for objects too large to search through.
  private var positions: [KeyBytes: Int] = [:]
  /// Keys that came more than once, in the order in which that was noticed; a validator that must refuse
  /// ambiguous input asks here.
  public private(set) var duplicateKeys: [String] = []

  /// Objects with more members than this are looked up through a hash table.
  private static let searchLimit = 12

  public init() {}

  public init(_ members: some Sequence<(String, JSON)>) {
    for (key, value) in members { append(key, value) }
  }

  public var count: Int { members.count }
  public var isEmpty: Bool { members.isEmpty }
  public var keys: [String] { members.map(\.key) }
  public var values: [JSON] { members.map(\.value) }

  /// The value of a key. Setting nil removes the member, setting a new key appends one.
  public subscript(key: String) -> JSON? {
    get { position(of: key).map { members[$0].value } }
    set {
      switch (position(of: key), newValue) {
      case (let position?, let value?):
        members[position].value = value
      case (let position?, nil):
        members.remove(at: position)
        rebuildPositions()
      case (nil, let value?):
        insert(key, value)
      case (nil, nil):
        break
      }
    }
  }

  public func contains(_ key: String) -> Bool { position(of: key) != nil }

  /// Adds a member as a parser meets it: a key that is there already is replaced and noted as a duplicate.
  public mutating func append(_ key: String, _ value: JSON) {
    if let position = position(of: key) {
      members[position].value = value
      duplicateKeys.append(key)
    } else {
      insert(key, value)
    }
  }

  private mutating func insert(_ key: String, _ value: JSON) {
    members.append((key, value))
    if members.count == Self.searchLimit + 1 {
      rebuildPositions()
    } else if members.count > Self.searchLimit {
      positions[KeyBytes(key)] = members.count - 1
    }
  }

  private mutating func rebuildPositions() {
    positions.removeAll(keepingCapacity: true)
    guard members.count > Self.searchLimit else { return }
    for (position, member) in members.enumerated() { positions[KeyBytes(member.key)] = position }
  }

  private func position(of key: String) -> Int? {
    let key = KeyBytes(key)
    guard members.count <= Self.searchLimit else { return positions[key] }
    return members.firstIndex { KeyBytes($0.key) == key }
  }

  /// A string that is equal to another only where the bytes are.
  private struct KeyBytes: Hashable {
    let text: String

    init(_ text: String) { self.text = text }

    static func == (a: KeyBytes, b: KeyBytes) -> Bool {
      a.text.utf8.count == b.text.utf8.count && a.text.utf8.elementsEqual(b.text.utf8)
    }

    func hash(into hasher: inout Hasher) {
      var text = text
      text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }
  }
}

extension JSONObject: Sequence {
  public func makeIterator() -> some IteratorProtocol<(key: String, value: JSON)> {
    members.makeIterator()
  }
}

extension JSONObject: Hashable {
  /// Objects are equal where they hold the same members, in whatever order.
  public static func == (a: JSONObject, b: JSONObject) -> Bool {
    a.count == b.count && a.members.allSatisfy { b[$0.key] == $0.value }
  }

  public func hash(into hasher: inout Hasher) {
    var sum = 0
    for (key, value) in members {
      var member = Hasher()
      member.combine(KeyBytes(key))
      member.combine(value)
      sum &+= member.finalize()
    }
    hasher.combine(count)
    hasher.combine(sum)
  }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
  public typealias Key = String
  public typealias Value = JSON

  public init(dictionaryLiteral elements: (String, JSON)...) { self.init(elements) }
}
