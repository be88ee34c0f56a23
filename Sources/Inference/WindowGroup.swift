import Models

/// A few texts of one request, tokenised and cut into windows, and the place for their vectors.
///
/// Threads: the request's thread makes it and reads the vectors once all windows are done; in between, each
/// worker writes only the rows of the windows that it took.
final class WindowGroup: @unchecked Sendable {
  let request: EncodingRequest
  /// The windows' tokens, special tokens included.
  let batch: PackedBatch
  /// For each text, its windows' positions in `batch.sequences`.
  let textWindows: [Range<Int>]
  /// A row of `width` floats a window.
  let vectors: UnsafeMutableBufferPointer<Float>
  let width: Int

  init(request: EncodingRequest, batch: PackedBatch, textWindows: [Range<Int>], width: Int) {
    self.request = request
    self.batch = batch
    self.textWindows = textWindows
    self.width = width
    vectors = .allocate(capacity: batch.sequences.count * width)
    vectors.initialize(repeating: 0)
  }

  deinit { vectors.deallocate() }

  /// The rows of some windows.
  func rows(_ windows: Range<Int>) -> UnsafeMutableBufferPointer<Float> {
    UnsafeMutableBufferPointer(
      rebasing: vectors[(windows.lowerBound * width)..<(windows.upperBound * width)])
  }

  /// Appends each text's vector: its only window's, or the mean of its windows' weighted by their tokens,
  /// each layer's part L2-normalised.
  func appendTextVectors(to values: inout [Float], partWidth: Int) {
    for windows in textWindows {
      if windows.count == 1 {
        values.append(contentsOf: rows(windows))
        continue
      }
      let start = values.count
      values.append(contentsOf: repeatElement(0, count: width))
      for window in windows {
        let weight = Float(batch.sequences[window].count)
        for (column, value) in rows(window..<(window + 1)).enumerated() {
          values[start + column] += weight * value
        }
      }
      for part in stride(from: start, to: start + width, by: partWidth) {
        var squares: Float = 0
        for column in part..<(part + partWidth) { squares += values[column] * values[column] }
        guard squares > 0 else { continue }
        let inverse = 1 / squares.squareRoot()
        for column in part..<(part + partWidth) { values[column] *= inverse }
      }
    }
  }
}
