/// Cuts a text's tokens into windows that fit the encoder, so that long text is read whole.
///
/// Windows are of nearly equal length (a short last one would have little context of its own) and do not
/// overlap. Each gets the classifier token before and the separator after it. The text's vector is the mean
/// of its windows' vectors, weighted by their numbers of tokens, and normalised.
public struct TextWindows: Sendable {
  public let windowLength: Int
  public let classifierID: Int32
  public let separatorID: Int32

  public init(windowLength: Int, classifierID: Int32, separatorID: Int32) {
    self.windowLength = max(windowLength, 3)
    self.classifierID = classifierID
    self.separatorID = separatorID
  }

  /// The tokens of each window, without the two special ones; one empty window for no tokens.
  public func split(tokenCount: Int) -> [Range<Int>] {
    let room = windowLength - 2
    guard tokenCount > room else { return [0..<tokenCount] }
    let count = (tokenCount + room - 1) / room
    var windows: [Range<Int>] = []
    windows.reserveCapacity(count)
    var start = 0
    for index in 0..<count {
      // The first (tokenCount % count) windows take one token more.
      let length = tokenCount / count + (index < tokenCount % count ? 1 : 0)
      windows.append(start..<(start + length))
      start += length
    }
    return windows
  }
}
