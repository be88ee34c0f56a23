/// The word that the scanner is at, normalised, with the source of each of its bytes.
///
/// The memory is the scanner's to free with `deallocate`; the caller keeps `count` within the capacity by
/// appending at most a quarter of it in scalars.
struct WordBuffer {
  /// The word in UTF-8, with 8 readable bytes behind it.
  let bytes: UnsafeMutablePointer<UInt8>
  private(set) var count = 0
  private(set) var scalarCount = 0
  /// More scalars came than a word may have; they were not kept.
  private(set) var isTooLong = false

  /// Where the source scalar of each byte begins and ends; nil where no ranges are wanted.
  private let sources: UnsafeMutablePointer<(start: Int, stop: Int)>?
  /// The combining class of each mark behind `runStart`.
  private let combiningClasses: UnsafeMutablePointer<UInt8>
  /// Where the marks begin that canonical ordering may still move.
  private var runStart = 0
  private var sourceStart = 0
  private var sourceStop = 0

  init(capacity: Int, recordsRanges: Bool) {
    bytes = .allocate(capacity: capacity)
    bytes.initialize(repeating: 0, count: capacity)
    combiningClasses = .allocate(capacity: capacity)
    combiningClasses.initialize(repeating: 0, count: capacity)
    sources = recordsRanges ? .allocate(capacity: capacity) : nil
    sources?.initialize(repeating: (0, 0), count: capacity)
  }

  func deallocate() {
    bytes.deallocate()
    combiningClasses.deallocate()
    sources?.deallocate()
  }

  @inline(__always)
  var isEmpty: Bool { count == 0 }

  @inline(__always)
  mutating func removeAll() {
    count = 0
    scalarCount = 0
    runStart = 0
    isTooLong = false
  }

  /// Takes over ASCII bytes that were written to `bytes` from outside, the source of which begins at `start`.
  mutating func adopt(asciiCount: Int, from start: Int) {
    count = asciiCount
    scalarCount = asciiCount
    runStart = asciiCount
    sourceStart = start
    sourceStop = start &+ asciiCount
    if let sources {
      for offset in 0..<asciiCount { sources[offset] = (start &+ offset, start &+ offset &+ 1) }
    }
  }

  @inline(__always)
  mutating func append(_ scalar: UInt32, from start: Int, to stop: Int) {
    if count == 0 { sourceStart = start }
    let length = UTF8Decoding.write(scalar, to: bytes + count)
    if let sources {
      for offset in 0..<length { sources[count &+ offset] = (start, stop) }
    }
    count &+= length
    scalarCount &+= 1
    runStart = count
    sourceStop = stop
  }

  /// Notes that the word goes on, up to `stop`, beyond the length that words may have.
  @inline(__always)
  mutating func overflow(to stop: Int) {
    isTooLong = true
    sourceStop = stop
  }

  /// A starter that leaves no trace in the word: marks behind it stay behind those before it.
  mutating func endReorderableRun() { runStart = count }

  /// Adds a mark where canonical ordering puts it: behind all marks of its run whose class is not higher
  /// (Unicode Standard, section 3.11, D109).
  mutating func insertMark(_ scalar: UInt32, _ combiningClass: UInt8, from start: Int, to stop: Int) {
    let run = runStart
    let oldCount = count
    append(scalar, from: start, to: stop)
    runStart = run
    for offset in oldCount..<count { combiningClasses[offset] = combiningClass }
    // All bytes of a mark carry its class, so moving back byte by byte stops on a mark's first byte.
    var position = oldCount
    while position > run && combiningClasses[position &- 1] > combiningClass { position &-= 1 }
    if position == oldCount { return }
    rotate(bytes, position, oldCount)
    rotate(combiningClasses, position, oldCount)
    guard let sources else { return }
    // The moved marks no longer follow the order of the source: all of them get the range of all.
    var range = (start: start, stop: stop)
    for offset in position..<oldCount {
      range = (min(range.start, sources[offset].start), max(range.stop, sources[offset].stop))
    }
    for offset in position..<count { sources[offset] = range }
  }

  /// Moves the bytes from `middle` to `count` in front of those from `start` to `middle`.
  private func rotate(_ memory: UnsafeMutablePointer<UInt8>, _ start: Int, _ middle: Int) {
    reverse(memory, start, middle)
    reverse(memory, middle, count)
    reverse(memory, start, count)
  }

  private func reverse(_ memory: UnsafeMutablePointer<UInt8>, _ start: Int, _ stop: Int) {
    let range = UnsafeMutableBufferPointer(start: memory + start, count: stop &- start)
    for offset in 0..<range.count / 2 { range.swapAt(offset, range.count &- 1 &- offset) }
  }

  /// The source of the whole word.
  var sourceRange: Range<Int> { Range(uncheckedBounds: (sourceStart, max(sourceStart, sourceStop))) }

  /// The source of the bytes from `start` to `stop`, which are whole scalars and at least one.
  func sourceRange(from start: Int, to stop: Int) -> Range<Int> {
    guard let sources else { return sourceRange }
    return Range(uncheckedBounds: (sources[start].start, sources[stop &- 1].stop))
  }
}
