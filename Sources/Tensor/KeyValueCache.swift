import CKernels
import Diagnostics
import Threads

/// The memory in which a decoder keeps the keys and values of what it has read: pages of a fixed number of
/// tokens (Kwon et al. 2023), handed to sequences as they grow and taken back when nobody reads them any more.
///
/// Threads: any number may use it; the lock guards the list of free pages.
public final class KeyValueCache: Sendable {
  /// Tokens a page.
  public static let tokensPerPage = Int(CKERNELS_PAGE_TOKENS)

  /// What a token's keys and values take.
  public struct Shape: Sendable, Hashable {
    public let layers: Int
    public let heads: Int
    public let headDimensions: Int
    /// Halves where products are approximate anyway, floats for the reference.
    public let isHalf: Bool

    public init(layers: Int, heads: Int, headDimensions: Int, isHalf: Bool) {
      self.layers = layers
      self.heads = heads
      self.headDimensions = headDimensions
      self.isHalf = isHalf
    }

    /// Bytes of one head of one layer in a page: its keys and its values.
    var headSize: Int {
      2 * KeyValueCache.tokensPerPage * headDimensions * (isHalf ? 2 : 4)
    }

    /// Bytes a page.
    public var pageSize: Int { layers * heads * headSize }
  }

  public let shape: Shape
  /// How many pages the budget allows.
  public let pageCapacity: Int

  private struct Pages {
    var used = 0
    var free: [Memory] = []
  }

  /// A page's memory. Nobody touches it but the page that holds it.
  struct Memory: @unchecked Sendable { let buffer: AlignedBuffer<UInt8> }

  private let pages = Guarded(Pages())

  /// - Parameter budget: bytes that all pages together may take; memory is taken when it is first needed.
  /// - Throws: `invalidArgument` where the budget does not hold a single page.
  public init(_ shape: Shape, budget: Int) throws(SibylError) {
    guard
      shape.layers > 0, shape.heads > 0, shape.headDimensions > 0, shape.headDimensions % 32 == 0,
      shape.layers <= 4096, shape.heads <= 65_536, shape.headDimensions <= 65_536
    else { throw SibylError(.internalFault, "a cache of no shape") }
    guard budget >= shape.pageSize else {
      throw SibylError(
        .invalidArgument,
        "the memory budget for generation is \(max(budget, 0)) bytes, but \(Self.tokensPerPage) tokens of this "
          + "model take \(shape.pageSize); raise it")
    }
    self.shape = shape
    pageCapacity = budget / shape.pageSize
  }

  /// Pages that no sequence holds.
  public var freePages: Int { pages.withLock { pageCapacity - $0.used } }

  /// Pages that hold `tokens` tokens.
  public static func pages(for tokens: Int) -> Int { (max(tokens, 0) + tokensPerPage - 1) / tokensPerPage }

  /// A sequence that has read nothing yet.
  public func makeSequence() -> CachedSequence { CachedSequence(of: self, pages: [], length: 0) }

  /// - Throws: `unavailable` when the budget is used up.
  func takePage() throws(SibylError) -> KeyValuePage {
    let memory = try pages.withLock { pages throws(SibylError) -> Memory in
      guard pages.used < pageCapacity else {
        throw SibylError(
          .unavailable,
          "the memory budget for generation, \(pageCapacity) pages of \(Self.tokensPerPage) tokens, is used up; "
            + "generate fewer or shorter texts at once, or raise it")
      }
      if let memory = pages.free.popLast() {
        pages.used += 1
        return memory
      }
      let memory = Memory(buffer: try AlignedBuffer(count: shape.pageSize))
      pages.used += 1
      return memory
    }
    return KeyValuePage(memory, of: self)
  }

  func giveBack(_ memory: Memory) {
    pages.withLock {
      $0.used -= 1
      $0.free.append(memory)
    }
  }

  /// Frees the memory of pages that nobody uses.
  public func trim() { pages.withLock { $0.free = [] } }
}

/// A page, which sequences with a common beginning share; its memory goes back with the last of them.
///
/// Threads: written only by a sequence that holds it alone; read by any.
final class KeyValuePage: @unchecked Sendable {
  private let memory: KeyValueCache.Memory
  private let cache: KeyValueCache

  init(_ memory: KeyValueCache.Memory, of cache: KeyValueCache) {
    self.memory = memory
    self.cache = cache
  }

  deinit { cache.giveBack(memory) }

  var base: UnsafeMutableRawPointer { UnsafeMutableRawPointer(memory.buffer.base) }

  func copy(_ other: KeyValuePage) {
    base.copyMemory(from: other.base, byteCount: cache.shape.pageSize)
  }
}
