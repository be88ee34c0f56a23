import Diagnostics
import Tensor
import TestSupport
import Testing

/// The search must find what comparing with every vector finds, whatever the vectors are.
@Suite struct FlatIndexTests {
  /// Kinds of vectors that a first look in eight bits finds hard to tell apart, or that have odd magnitudes.
  enum Kind: String, CaseIterable {
    case random, nearTies, duplicates, outliers, magnitudes, sparse, opposite

    func vector(_ dimensions: Int, _ base: [Float], _ generator: inout SeededGenerator) -> [Float] {
      let noise = generator.floats(dimensions)
      switch self {
      case .random: return noise
      case .nearTies: return zip(base, noise).map { $0 + $1 * 1e-6 }
      case .duplicates: return base.map { $0 * Float(1 << Int(generator.next() % 3)) }
      case .outliers:
        var vector = noise.map { $0 * 1e-3 }
        vector[Int(generator.next() % UInt64(dimensions))] = 50
        return vector
      case .magnitudes:
        let scale: Float = [1e-30, 1e-3, 1, 1e20, 1e37][Int(generator.next() % 5)]
        return noise.map { $0 * scale }
      case .sparse:
        return noise.map { generator.next() % 8 == 0 ? $0 : 0 }
      case .opposite: return base.map { generator.next() % 2 == 0 ? $0 : -$0 }
      }
    }
  }

  /// What the index should answer, in the simplest way.
  private static func reference(_ rows: [(Int64, [Float])], _ query: [Float], _ k: Int) -> [Neighbour] {
    guard VectorMath.norm(query) > 0 else { return [] }
    let found = rows.compactMap { label, vector -> Neighbour? in
      let norm = VectorMath.norm(vector)
      guard norm > 0 else { return nil }
      let dot = vector.withUnsafeBufferPointer { left in
        query.withUnsafeBufferPointer { VectorMath.dotDouble(left, $0) }
      }
      return Neighbour(label: label, score: VectorMath.cosine(dot: dot, norm, VectorMath.norm(query)))
    }
    return Array(found.sorted(by: >).prefix(k))
  }

  @Test(arguments: Kind.allCases) func findsWhatComparingAllFinds(kind: Kind) throws {
    var generator = SeededGenerator(seed: 17)
    for (dimensions, count) in [
      (1, 40), (3, 300), (31, 300), (32, 300), (100, 2_500), (384, 1_500), (2_000, 60),
    ] {
      let base = generator.floats(dimensions)
      let index = FlatIndex(dimensions: dimensions)
      var rows: [(Int64, [Float])] = []
      for label in 0..<count {
        let vector = kind.vector(dimensions, base, &generator)
        // Labels in no order: ties must not depend on the places.
        rows.append((Int64(label * 7919 % count), vector))
        _ = try index.add(rows[label].0, vector)
      }
      for k in [1, 30, count + 5] {
        for query in [generator.floats(dimensions), rows[count / 2].1] {
          let expected = Self.reference(rows, query, k)
          #expect(try index.search(query, count: k) == expected, "\(dimensions) x \(count), k \(k)")
          let team = BackwardTeam(cores: 2)
          #expect(try index.search(query, count: k, team: team) == expected)
        }
      }
    }
  }

  /// The product of double precision is that of a plain loop up to its roundings.
  @Test func productsAreThoseOfAPlainLoop() {
    var generator = SeededGenerator(seed: 3)
    for count in [0, 1, 7, 8, 15, 16, 17, 384, 1_001] {
      let (a, b) = (generator.floats(count), generator.floats(count))
      let plain = zip(a, b).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
      let found = a.withUnsafeBufferPointer { a in b.withUnsafeBufferPointer { VectorMath.dotDouble(a, $0) } }
      #expect(abs(found - plain) <= 1e-13 * Double(count + 1))
    }
  }

  @Test func vectorsComeAndGo() throws {
    var generator = SeededGenerator(seed: 5)
    let index = FlatIndex(dimensions: 48)
    var rows: [Int64: (place: Int, vector: [Float])] = [:]
    let query = generator.floats(48)
    for step in 0..<3_000 {
      let label = Int64(generator.next() % 500)
      if let known = rows.removeValue(forKey: label) {
        #expect(known.vector.withUnsafeBytes { index.isEqual(known.place, $0) })
        index.remove(known.place)
        index.remove(known.place)
      } else {
        let vector = generator.floats(48)
        rows[label] = (try #require(try index.add(label, vector)), vector)
      }
      #expect(index.count == rows.count)
      guard step % 100 == 99 else { continue }
      let expected = Self.reference(rows.map { ($0.key, $0.value.vector) }, query, 20)
      #expect(try index.search(query, count: 20) == expected)
    }
    let bytes = index.byteCount
    for (label, row) in rows.sorted(by: { $0.key < $1.key }) {
      index.remove(row.place)
      _ = try index.add(label, row.vector)
    }
    #expect(index.byteCount == bytes, "places are used again")
  }

  @Test func whatHasNoDirectionIsNotFound() throws {
    let index = FlatIndex(dimensions: 4)
    #expect(try index.add(1, [0, 0, 0, 0]) == nil)
    #expect(try index.add(2, [1, .nan, 0, 0]) == nil)
    #expect(try index.add(3, [1, .infinity, 0, 0]) == nil)
    #expect(try index.add(4, [1, 2]) == nil)
    #expect(try index.search([1, 2, 3, 4], count: 3).isEmpty)
    #expect(try index.add(5, [1, 2, 3, 4]) == 0)
    #expect(try index.search([0, 0, 0, 0], count: 3).isEmpty)
    #expect(try index.search([.nan, 0, 0, 0], count: 3).isEmpty)
    #expect(try index.search([1, 2], count: 3).isEmpty)
    #expect(try index.search([1, 2, 3, 4], count: 0).isEmpty)
    #expect(try index.search([1, 2, 3, 4], count: 3) == [Neighbour(label: 5, score: 1)])
  }

  @Test func largestElementsAreKept() {
    var generator = SeededGenerator(seed: 9)
    for limit in [1, 2, 7, 100] {
      var kept = LargestElements<UInt64>(limit: limit)
      let numbers = (0..<200).map { _ in generator.next() % 50 }
      for (count, number) in numbers.enumerated() {
        kept.offer(number)
        let expected = Array(numbers.prefix(count + 1).sorted(by: >).prefix(limit))
        #expect(kept.sorted == expected)
        #expect(kept.least == (expected.count == limit ? expected.last : nil))
      }
    }
  }
}

extension FlatIndex {
  fileprivate func add(_ label: Int64, _ vector: [Float]) throws(SibylError) -> Int? {
    try vector.withUnsafeBufferPointer { (vector) throws(SibylError) in try add(label, vector) }
  }

  fileprivate func search(
    _ query: [Float], count: Int, team: (any Team)? = nil
  ) throws(SibylError) -> [Neighbour] {
    try query.withUnsafeBufferPointer { (query) throws(SibylError) in
      try search(query, count: count, team: team)
    }
  }
}

extension VectorMath {
  fileprivate static func norm(_ vector: [Float]) -> Double { vector.withUnsafeBufferPointer { norm($0) } }
}
