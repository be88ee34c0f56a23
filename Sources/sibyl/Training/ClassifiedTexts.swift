import Diagnostics

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Texts with a class each, from a CSV file with the columns text and label.
struct ClassifiedTexts {
  private(set) var texts: [String] = []
  private(set) var labels: [String] = []

  /// The classes that occur, sorted by their bytes.
  var classNames: [String] { Set(labels).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) } }

  /// - Throws: `.unavailable` where there is no such file, `.invalidArgument` where a column or a value is missing.
  init(path: String) throws(SibylError) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw SibylError(.unavailable, "could not open \(path): \(String(cString: strerror(errno)))")
    }
    defer { close(descriptor) }
    var reader = CSVReader(descriptor: descriptor, name: path)
    let header = try reader.next() ? (0..<reader.fieldCount).map { reader.text($0) ?? "" } : []
    guard let textColumn = header.firstIndex(of: "text"), let labelColumn = header.firstIndex(of: "label")
    else {
      throw SibylError(.invalidArgument, "\(path): the columns text and label are needed")
    }
    while try reader.next() {
      guard !reader.isBlank else { continue }
      guard let text = reader.text(textColumn), let label = reader.text(labelColumn), !label.isEmpty else {
        throw SibylError(.invalidArgument, "\(path), line \(reader.line): the text or the label is missing")
      }
      texts.append(text)
      labels.append(label)
    }
  }
}
