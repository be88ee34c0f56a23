import Functions
import PostgresClient

/// Finds what the rows of leased work have to know of the database beside their arguments: the classifiers that they ask
/// and the right labels of their texts.
///
/// Owned by one thread, like its connection.
struct WorkSurroundings {
  let connection: PostgresConnection
  let memory: ClassifierMemory

  func read(_ function: AIFunction, _ calls: [[Value]]) throws(WorkFault) -> CallSurroundings {
    var surroundings = CallSurroundings()
    guard function.isCorrectable || function.classifierPosition != nil else { return surroundings }
    do throws(PostgresError) {
      let table = PostgresClassifiers(on: connection)
      let names = calls.map { Self.text($0, function.classifierPosition) }
      if function.classifierPosition != nil {
        try classifiers(named: Set(names.compactMap { $0 }), table, &surroundings)
      }
      try corrections(function, calls, names, table, &surroundings)
    } catch {
      throw WorkFault(error, isLost: connection.isLost) ?? .work(error.error.message)
    }
    return surroundings
  }

  private func classifiers(
    named names: Set<String>, _ table: PostgresClassifiers, _ surroundings: inout CallSurroundings
  ) throws(PostgresError) {
    for (name, digest) in try table.digests(of: names.sorted()) {
      if memory.classifier(named: name, digest: digest) == nil {
        guard let stored = try table.classifier(named: name) else { continue }
        do { try memory.keep(stored) } catch { throw PostgresError(error) }
      }
      if let known = memory.classifier(named: name, digest: digest) {
        surroundings.classifiers.append(known)
      }
    }
    if surroundings.classifiers.count < names.count {
      surroundings.knownNames = try table.list().map(\.name)
    }
  }

  private func corrections(
    _ function: AIFunction, _ calls: [[Value]], _ names: [String?], _ table: PostgresClassifiers,
    _ surroundings: inout CallSurroundings
  ) throws(PostgresError) {
    guard function.isCorrectable else { return }
    let subjects = names.map { function.correctedName ?? $0 }
    let texts = calls.map { Self.text($0, function.textPosition) }
    var labels = [String?](repeating: nil, count: calls.count)
    for subject in Set(subjects.compactMap { $0 }).sorted() {
      let rows = calls.indices.filter { subjects[$0] == subject }
      // By bytes: Swift's strings are equal across Unicode spellings.
      var told: [[UInt8]: String] = [:]
      for (text, label) in try table.corrections(of: subject, among: rows.compactMap { texts[$0] }) {
        told[Array(text.utf8)] = label
      }
      guard !told.isEmpty else { continue }
      for row in rows { labels[row] = texts[row].flatMap { told[Array($0.utf8)] } }
    }
    if labels.contains(where: { $0 != nil }) { surroundings.correctedLabels = labels }
  }

  private static func text(_ call: [Value], _ position: Int?) -> String? {
    guard let position, call.indices.contains(position), case .text(let text) = call[position] else {
      return nil
    }
    return text
  }
}
