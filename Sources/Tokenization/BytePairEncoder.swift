/// A tokenizer's tables as raw memory, valid inside `withEncoder`, and what it takes to cut a text into tokens.
struct BytePairEncoder {
  private let tokenizer: BytePairTokenizer
  private let merger: BytePairMerger
  private let startSymbols: UnsafePointer<Int32>
  private let tokenCount: Int
  /// The longest word that is merged as one, so that no text can make merging take gigabytes. No text in any
  /// language comes near.
  private static let longestWord = 1 << 20

  /// Room for a short word's symbols and their merges.
  private let symbols: UnsafeMutablePointer<Int32>
  private let merges: UnsafeMutablePointer<UInt64>

  static func withEncoder(of tokenizer: BytePairTokenizer, _ body: (BytePairEncoder) -> Void) {
    let count = BytePairMerger.shortCount
    let table = tokenizer.table
    table.pairs.slots.withUnsafeBufferPointer { slots in
      table.startSymbols.withUnsafeBufferPointer { startSymbols in
        withUnsafeTemporaryAllocation(of: Int32.self, capacity: count) { symbols in
          withUnsafeTemporaryAllocation(of: UInt64.self, capacity: count) { merges in
            guard let slots = slots.baseAddress, let startSymbols = startSymbols.baseAddress,
              let symbols = symbols.baseAddress, let merges = merges.baseAddress
            else { return }
            let reader = PairTable.Reader(
              slots: slots, mask: table.pairs.slots.count / 2 - 1, shift: table.pairs.shift)
            body(
              BytePairEncoder(
                tokenizer: tokenizer, merger: BytePairMerger(pairs: reader), startSymbols: startSymbols,
                tokenCount: table.tokenCount, symbols: symbols, merges: merges))
          }
        }
      }
    }
  }

  /// Appends the tokens of a text, which is well-formed UTF-8 and not empty.
  func encode(
    _ text: UnsafeBufferPointer<UInt8>, hasSpaceBefore: Bool, appendingTo ids: inout [Int32]
  ) {
    guard let base = text.baseAddress else { return }
    if let family = tokenizer.preTokenizer {
      ScalarClasses.shared.blocks.withUnsafeBufferPointer { blocks in
        ScalarClasses.shared.classes.withUnsafeBufferPointer { classes in
          guard let blocks = blocks.baseAddress, let classes = classes.baseAddress else { return }
          let scanner = PreTokenScanner(
            family: family, bytes: base, end: text.count, blocks: blocks, classes: classes)
          var start = 0
          while start < text.count {
            let end = scanner.wordEnd(from: start)
            encodeWord(base + start, count: end &- start, appendingTo: &ids)
            start = end
          }
        }
      }
    } else {
      encodeScalars(base, count: text.count, hasSpaceBefore: hasSpaceBefore, appendingTo: &ids)
    }
  }

  // MARK: Byte-level

  @inline(__always)
  private func encodeWord(
    _ word: UnsafePointer<UInt8>, count: Int, appendingTo ids: inout [Int32]
  ) {
    if tokenizer.prefersWholeWords, count > 1,
      let id = tokenizer.table.index.find(UnsafeBufferPointer(start: word, count: count)), id < tokenCount
    {
      ids.append(id)
      return
    }
    guard count <= BytePairMerger.shortCount else {
      return encodeLongWord(word, count: count, appendingTo: &ids)
    }
    for index in 0..<count { symbols[index] = startSymbols[Int(word[index])] }
    let left = merger.mergeShort(symbols, count: count, merges: merges)
    for index in 0..<left { append(symbols[index], to: &ids) }
  }

  private func encodeLongWord(
    _ word: UnsafePointer<UInt8>, count: Int, appendingTo ids: inout [Int32]
  ) {
    let capacity = min(count, Self.longestWord)
    withUnsafeTemporaryAllocation(of: Int32.self, capacity: capacity) { buffer in
      guard let symbols = buffer.baseAddress else { return }
      var start = 0
      while start < count {
        let length = min(capacity, count - start)
        for index in 0..<length { symbols[index] = startSymbols[Int(word[start + index])] }
        let left = merger.mergeLong(symbols, count: length)
        for index in 0..<left { append(symbols[index], to: &ids) }
        start += length
      }
    }
  }

  // MARK: SentencePiece

  /// Scalars without a symbol are written as numbers below 0, which no pair has.
  private func encodeScalars(
    _ text: UnsafePointer<UInt8>, count: Int, hasSpaceBefore: Bool, appendingTo ids: inout [Int32]
  ) {
    let space = startSymbols[0x20] >= 0 ? startSymbols[0x20] : ~0x20
    let capacity = min(count + 1, Self.longestWord)
    withUnsafeTemporaryAllocation(of: Int32.self, capacity: capacity) { buffer in
      guard let word = buffer.baseAddress else { return }
      var length = 0
      func finishWord() {
        let left =
          length <= BytePairMerger.shortCount
          ? merger.mergeShort(word, count: length, merges: merges) : merger.mergeLong(word, count: length)
        for index in 0..<left { append(word[index], to: &ids) }
        length = 0
      }
      if hasSpaceBefore {
        word[0] = space
        length = 1
      }
      var index = 0
      while index < count {
        let step = UTF8Decoding.step(text, at: index, end: count)
        let symbol: Int32
        if step.scalar == 0x20 || step.scalar == SentencePieceSpace.scalar {
          if tokenizer.table.splitsAtSpaces, length > 0, word[length - 1] != space { finishWord() }
          symbol = space
        } else if step.scalar < 0x80, startSymbols[Int(step.scalar)] >= 0 {
          symbol = startSymbols[Int(step.scalar)]
        } else {
          let bytes = UnsafeBufferPointer(start: text + index, count: step.length)
          symbol = tokenizer.table.index.find(bytes) ?? ~Int32(bitPattern: step.scalar)
        }
        if length == capacity { finishWord() }
        word[length] = symbol
        length += 1
        index += step.length
      }
      finishWord()
    }
  }

  // MARK: Output

  @inline(__always)
  private func append(_ symbol: Int32, to ids: inout [Int32]) {
    if symbol >= 0 && symbol < tokenCount { ids.append(symbol) } else { appendBytes(of: symbol, to: &ids) }
  }

  /// Spells a symbol that is no token byte by byte.
  private func appendBytes(of symbol: Int32, to ids: inout [Int32]) {
    func append(_ byte: UInt8) {
      let token = tokenizer.table.byteTokens[Int(byte)]
      if token >= 0 {
        ids.append(token)
      } else if tokenizer.preTokenizer == nil, let unknown = tokenizer.unknownID {
        ids.append(unknown)
      }
    }
    guard symbol < 0 else {
      for byte in tokenizer.table.symbols[Int(symbol)] { append(byte) }
      return
    }
    // SentencePiece: `▁` for a space.
    let scalar = ~symbol == 0x20 ? SentencePieceSpace.scalar : UInt32(bitPattern: ~symbol)
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 4) { bytes in
      guard let base = bytes.baseAddress else { return }
      let count = UTF8Decoding.write(scalar, to: base)
      for index in 0..<count { append(base[index]) }
    }
  }
}
