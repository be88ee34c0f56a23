import CKernels
import Diagnostics

/// The tokens that a decoder has read of one text, as keys and values in pages of a `KeyValueCache`.
///
/// A fork shares its origin's pages; the last one is copied by whoever first goes on writing in it.
///
/// Threads: belongs to one thread at a time. Forks are independent of each other.
public final class CachedSequence {
  public let cache: KeyValueCache
  /// Tokens read so far, which is the next token's position.
  public private(set) var length: Int
  private var pages: [KeyValuePage]

  init(of cache: KeyValueCache, pages: [KeyValuePage], length: Int) {
    self.cache = cache
    self.pages = pages
    self.length = length
  }

  /// Another sequence that begins with the same tokens.
  public func fork() -> CachedSequence { CachedSequence(of: cache, pages: pages, length: length) }

  /// Forgets all tokens from `length` on, and gives back pages that hold none.
  public func truncate(to length: Int) {
    self.length = min(max(length, 0), self.length)
    pages.removeLast(max(pages.count - KeyValueCache.pages(for: self.length), 0))
  }

  /// Free pages that reading `count` more tokens takes.
  public func pagesNeeded(for count: Int) -> Int {
    guard count > 0 else { return 0 }
    let more = KeyValueCache.pages(for: length + count) - pages.count
    return max(more, 0) + open.count { !isOwn($0) }
  }

  /// The pages, by number, that tokens yet to come are written to.
  private var open: Range<Int> { min(length / KeyValueCache.tokensPerPage, pages.count)..<pages.count }

  private func isOwn(_ page: Int) -> Bool { isKnownUniquelyReferenced(&pages[page]) }

  /// Makes room for `count` more tokens, in pages that nobody else reads.
  ///
  /// - Throws: `unavailable` when the cache has too few pages; the sequence holds the same tokens then.
  func reserve(_ count: Int) throws(SibylError) {
    for page in open where !isOwn(page) {
      let own = try cache.takePage()
      own.copy(pages[page])
      pages[page] = own
    }
    let before = pages.count
    do throws(SibylError) {
      while pages.count < KeyValueCache.pages(for: length + count) { pages.append(try cache.takePage()) }
    } catch {
      pages.removeLast(pages.count - before)
      throw error
    }
  }

  /// Where the pages lie.
  var addresses: [UnsafeMutableRawPointer?] { pages.map(\.base) }

  /// The reserved tokens have been read.
  func grow(by count: Int) { length += count }
}
