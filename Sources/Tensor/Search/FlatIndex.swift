import Diagnostics
import Synchronization
import Threads

/// Vectors in memory, each with a label, and exact search among all of them ("flat index").
///
/// A search looks at every vector's eight-bit form first, a quarter of the memory, and gets bounds of each cosine that
/// hold for certain (`ckernels_screen`). Vectors whose upper bound reaches the k-th best lower bound are compared in
/// double precision, the most promising ones first, until no other can be among the k best. The answer is that of
/// comparing with every vector.
///
/// Threads: one at a time; a search's team only reads.
package final class FlatIndex {
  /// The most dimensions of a vector.
  package static let maximumDimensions = 65_536

  package let dimensions: Int
  private let blockCapacity: Int
  private var blocks: [VectorBlock] = []
  private var freePlaces: [Int] = []
  /// Vectors that are there.
  package private(set) var count = 0

  /// - Parameter dimensions: of every vector, from 1 to `maximumDimensions`.
  package init(dimensions: Int) {
    self.dimensions = min(max(dimensions, 1), Self.maximumDimensions)
    blockCapacity = VectorBlock.capacity(dimensions: self.dimensions)
  }

  /// Bytes that the vectors occupy.
  package var byteCount: Int { blocks.count * blockByteCount }

  /// Bytes that one more vector will take, which is mostly none.
  package var bytesForNextVector: Int {
    freePlaces.isEmpty && blocks.last?.isFull ?? true ? blockByteCount : 0
  }

  /// Vectors for which memory is taken at once.
  package static func blockCapacity(dimensions: Int) -> Int { VectorBlock.capacity(dimensions: dimensions) }

  private var blockByteCount: Int { VectorBlock.byteCount(dimensions: dimensions) }

  // MARK: - Vectors

  /// Adds a vector and answers its place, or nil for one that has no direction: zeros, or numbers that are not
  /// finite, or another number of them than `dimensions`.
  ///
  /// - Throws: `.unavailable` where memory lacks.
  package func add(_ label: Int64, _ vector: UnsafeBufferPointer<Float>) throws(SibylError) -> Int? {
    guard let norm = usableNorm(of: vector) else { return nil }
    let place: Int
    if let free = freePlaces.popLast() {
      place = free
    } else {
      if blocks.last?.isFull ?? true { blocks.append(try VectorBlock(dimensions: dimensions)) }
      place = (blocks.count - 1) * blockCapacity + blocks[blocks.count - 1].addPlace()
    }
    blocks[place / blockCapacity].set(place % blockCapacity, label: label, vector, norm: norm)
    count += 1
    return place
  }

  /// Takes the vector at a place out; the place is used again.
  package func remove(_ place: Int) {
    guard holds(place) else { return }
    blocks[place / blockCapacity].clear(place % blockCapacity)
    freePlaces.append(place)
    count -= 1
  }

  /// Whether the vector at a place has these very bytes.
  package func isEqual(_ place: Int, _ bytes: UnsafeRawBufferPointer) -> Bool {
    holds(place) && blocks[place / blockCapacity].isEqual(place % blockCapacity, bytes)
  }

  private func holds(_ place: Int) -> Bool {
    place >= 0 && place / blockCapacity < blocks.count
      && blocks[place / blockCapacity].holds(place % blockCapacity)
  }

  private func usableNorm(of vector: UnsafeBufferPointer<Float>) -> Double? {
    guard vector.count == dimensions else { return nil }
    let norm = VectorMath.norm(vector)
    return norm > 0 && norm.isFinite ? norm : nil
  }

  // MARK: - Searching

  /// A vector that the first look did not rule out.
  private struct Candidate {
    let place: Int
    let upper: Float
  }

  /// Vectors of one first look: what is found between two looks at the best bounds known.
  private static let looks = 256
  /// Fewer candidates are compared on one core.
  private static let sharedCandidates = 1_024

  /// The `k` vectors with the largest cosines, the best first; of equal ones those with the smaller labels. None
  /// where the query has no direction or another number of dimensions.
  ///
  /// - Throws: `.unavailable` where memory lacks.
  package func search(
    _ vector: UnsafeBufferPointer<Float>, count k: Int, team: (any Team)? = nil
  ) throws(SibylError) -> [Neighbour] {
    guard vector.count == dimensions, k > 0, count > 0, let query = SearchQuery(vector) else { return [] }
    let candidates = count <= k ? allPlaces : try screen(query, k, team)
    return compare(candidates, query, k, team)
  }

  private var allPlaces: [Candidate] {
    blocks.indices.flatMap { block in
      (0..<blocks[block].count).compactMap { place in
        blocks[block].holds(place) ? Candidate(place: block * blockCapacity + place, upper: 2) : nil
      }
    }
  }

  /// What the first look has found so far, on all cores.
  private struct Screened {
    var lower: LargestElements<Float>
    var candidates: [Candidate] = []
    var failure: SibylError?
  }

  /// The first look at all vectors: those that may be among the k best, the most promising ones first.
  private func screen(
    _ query: SearchQuery, _ k: Int, _ team: (any Team)?
  ) throws(SibylError) -> [Candidate] {
    let screened = Guarded(Screened(lower: LargestElements(limit: k)))
    // The k-th best lower bound so far: nothing below it can be among the k best.
    let threshold = Atomic<UInt32>((-Float.infinity).bitPattern)
    run(parts: blocks.count, on: team) { [self] number in
      let block = blocks[number]
      do throws(SibylError) {
        let results = try ScreenResults(count: Self.looks)
        for start in stride(from: 0, to: block.count, by: Self.looks) {
          let bound = Float(bitPattern: threshold.load(ordering: .relaxed))
          let found = block.screen(
            start..<start + Self.looks, query, threshold: bound, into: results)
          guard found > 0 else { continue }
          screened.withLock { screened in
            for index in 0..<found {
              let place = number * blockCapacity + Int(results.places.base[index])
              screened.candidates.append(Candidate(place: place, upper: results.upper.base[index]))
              screened.lower.offer(results.lower.base[index])
            }
            if let least = screened.lower.least { threshold.store(least.bitPattern, ordering: .relaxed) }
          }
        }
      } catch {
        screened.withLock { $0.failure = error }
      }
    }
    let (found, failure) = screened.withLock { ($0.candidates, $0.failure) }
    if let failure { throw failure }
    let bound = Float(bitPattern: threshold.load(ordering: .relaxed))
    return found.filter { $0.upper >= bound }.sorted { $0.upper > $1.upper }
  }

  /// Compares candidates, the most promising ones first, until no other can be among the k best.
  private func compare(
    _ candidates: [Candidate], _ query: SearchQuery, _ k: Int, _ team: (any Team)?
  ) -> [Neighbour] {
    let parts = candidates.count < Self.sharedCandidates ? 1 : 4 * (team?.cores ?? 1)
    let best = Guarded(LargestElements<Neighbour>(limit: k))
    run(parts: parts, on: team) { [self] part in
      var own = LargestElements<Neighbour>(limit: k)
      for index in stride(from: part, to: candidates.count, by: parts) {
        let candidate = candidates[index]
        if let least = own.least, Double(candidate.upper) < least.score { break }
        let block = blocks[candidate.place / blockCapacity]
        own.offer(block.neighbour(candidate.place % blockCapacity, query))
      }
      let found = own.sorted
      best.withLock { best in for neighbour in found { best.offer(neighbour) } }
    }
    return best.withLock { $0.sorted }
  }

  private func run(parts: Int, on team: (any Team)?, _ body: @escaping (Int) -> Void) {
    guard parts > 1, let team else {
      for part in 0..<parts { body(part) }
      return
    }
    // A team counts parts in sixteen bits.
    for start in stride(from: 0, to: parts, by: 32_768) {
      team.run(parts: min(parts - start, 32_768)) { body(start + $0) }
    }
  }
}
