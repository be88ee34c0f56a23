import Diagnostics

extension ResultCache {
  /// The results for many keys: found where they are known, computed where they are not, each once.
  ///
  /// Keys that occur several times are computed once. So are keys that several threads ask for at the same time:
  /// one computes, the others wait; where it fails or is cancelled, one of those who wait takes over. Successes
  /// are stored, errors never are.
  ///
  /// - Parameters:
  ///   - keys: one for each wanted result.
  ///   - isCancelled: asked every 20 ms while waiting for another thread.
  ///   - compute: gets the indices (into `keys`, ascending, at least one) to compute, and returns a result for
  ///     each, in that order. It may be called several times, on the calling thread, holding no lock.
  /// - Returns: a result for each key, in order.
  /// - Throws: what `compute` throws, and `.cancelled` where `isCancelled` said so.
  public func resolve(
    _ keys: [CacheKey], isCancelled: (() -> Bool)? = nil,
    compute: ([Int]) throws(SibylError) -> [Result<CachedValue, SibylError>]
  ) throws(SibylError) -> [Result<CachedValue, SibylError>] {
    try resolve(keys, found: lookup(keys), isCancelled: isCancelled, compute: compute)
  }

  private func resolve(
    _ keys: [CacheKey], found: [CachedValue?], isCancelled: (() -> Bool)?,
    compute: ([Int]) throws(SibylError) -> [Result<CachedValue, SibylError>]
  ) throws(SibylError) -> [Result<CachedValue, SibylError>] {
    // The first index of each missing key stands for all.
    var wanted: [Int] = []
    var results: [CacheKey: Result<CachedValue, SibylError>] = [:]
    var seen: Set<CacheKey> = []
    for (index, value) in found.enumerated() where value == nil && seen.insert(keys[index]).inserted {
      wanted.append(index)
    }
    while !wanted.isEmpty {
      let (claim, shares) = claims.claim(wanted.map { keys[$0] })
      var mine: [Int] = []
      var theirs: [(index: Int, claim: RequestClaims.Claim)] = []
      for (index, share) in zip(wanted, shares) {
        switch share {
        case .mine: mine.append(index)
        case .theirs(let other): theirs.append((index, other))
        }
      }
      try settle(claim, mine, keys, &results, compute)
      wanted = []
      for (index, other) in theirs {
        if let value = claims.wait(for: keys[index], of: other, isCancelled: isCancelled) {
          results[keys[index]] = .success(value)
        } else if isCancelled?() == true {
          throw SibylError(.cancelled, "The query was cancelled while it waited for a result.")
        } else {
          wanted.append(index)
        }
      }
    }
    return zip(keys, found).map { key, value in
      if let value { return .success(value) }
      return results[key] ?? .failure(SibylError(.internalFault, "The result cache lost a result."))
    }
  }

  /// One result: known, or computed.
  public func resolve(
    _ key: CacheKey, isCancelled: (() -> Bool)? = nil,
    compute: () throws(SibylError) -> CachedValue
  ) throws(SibylError) -> CachedValue {
    if let value = lookup(key) { return value }
    let results = try resolve([key], found: [nil], isCancelled: isCancelled) { _ throws(SibylError) in
      [.success(try compute())]
    }
    guard let result = results.first else {
      throw SibylError(.internalFault, "The result cache lost a result.")
    }
    return try result.get()
  }

  /// Computes and stores the claimed keys, and settles the claim whatever happens.
  private func settle(
    _ claim: RequestClaims.Claim, _ mine: [Int], _ keys: [CacheKey],
    _ results: inout [CacheKey: Result<CachedValue, SibylError>],
    _ compute: ([Int]) throws(SibylError) -> [Result<CachedValue, SibylError>]
  ) throws(SibylError) {
    let claimed = mine.map { keys[$0] }
    var values = [CachedValue?](repeating: nil, count: mine.count)
    defer { claims.settle(claim, keys: claimed) { values[$0] } }
    // Between the lookup and the claim, another thread may have finished some of them.
    var missing: [Int] = []
    for (position, key) in claimed.enumerated() {
      if let value = memory.value(for: key) {
        values[position] = value
        results[key] = .success(value)
      } else {
        missing.append(position)
      }
    }
    guard !missing.isEmpty else { return }
    let computed = try compute(missing.map { mine[$0] })
    var stored: [(key: CacheKey, value: CachedValue)] = []
    stored.reserveCapacity(missing.count)
    for position in missing.dropFirst(computed.count) {
      results[claimed[position]] = .failure(
        SibylError(.internalFault, "A result is missing from a computed batch."))
    }
    for (position, result) in zip(missing, computed) {
      results[claimed[position]] = result
      if case .success(let value) = result {
        values[position] = value
        stored.append((claimed[position], value))
      }
    }
    // In memory before the claim ends, so that nobody finds neither.
    store(stored)
  }
}
