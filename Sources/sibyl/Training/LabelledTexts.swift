import Diagnostics
import Models

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Texts with what people said of their mood, from a CSV file with the columns text and label or score.
struct LabelledTexts {
  private(set) var texts: [String] = []
  private(set) var annotations: [SentimentTrainingSet.Annotation] = []

  /// - Returns: nil when there is no such file.
  /// - Throws: `.invalidArgument` when a column is missing or a row says something else than a mood.
  init?(path: String) throws(SibylError) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var reader = CSVReader(descriptor: descriptor, name: path)
    guard try reader.next() else { return nil }
    let header = (0..<reader.fieldCount).map { reader.text($0) ?? "" }
    guard
      let textColumn = header.firstIndex(of: "text"),
      let moodColumn = header.firstIndex(where: { $0 == "label" || $0 == "score" })
    else {
      throw SibylError(.invalidArgument, "\(path): the columns text and label, or text and score, are needed")
    }
    while try reader.next() {
      guard !reader.isBlank else { continue }
      guard let text = reader.text(textColumn), let mood = reader.text(moodColumn) else {
        throw SibylError(.invalidArgument, "\(path), line \(reader.line): the text or the mood is missing")
      }
      if let score = Double(mood) {
        annotations.append(.score(score))
      } else if let label = SentimentLabel.allCases.first(where: { $0.description == mood }) {
        annotations.append(.label(label))
      } else {
        throw SibylError(
          .invalidArgument,
          "\(path), line \(reader.line): \"\(mood)\" is neither negative, neutral, positive nor a number")
      }
      texts.append(text)
    }
  }
}

/// Writes a whole file, or says why not.
func write(_ bytes: [UInt8], to path: String) throws(SibylError) {
  let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
  guard descriptor >= 0 else {
    throw SibylError(.unavailable, "could not write \(path): \(String(cString: strerror(errno)))")
  }
  defer { close(descriptor) }
  var written = 0
  while written < bytes.count {
    let count = bytes.withUnsafeBytes { buffer in
      writeSome(descriptor, buffer, from: written)
    }
    guard count > 0 else {
      throw SibylError(.unavailable, "could not write \(path): \(String(cString: strerror(errno)))")
    }
    written += count
  }
}

private func writeSome(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer, from start: Int) -> Int {
  #if canImport(Glibc)
    return Glibc.write(descriptor, bytes.baseAddress.map { $0 + start }, bytes.count - start)
  #else
    return Darwin.write(descriptor, bytes.baseAddress.map { $0 + start }, bytes.count - start)
  #endif
}
