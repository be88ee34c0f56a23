import CSQLite
import Diagnostics
import Functions

/// The corrections that one statement of the user sees: looked for once, when the first row asks, and kept by SQLite
/// until the statement ends, as each statement sees one state of the database.
///
/// Where the database has no table of corrections, a call costs one look into SQLite's list of what the statement keeps,
/// where a mark stands for nothing.
/// Used on the connection's thread only.
final class StatementCorrections {
  /// SQLite keeps data of a negative number for all functions of a statement together (its own JSON functions keep parsed
  /// text so). Where it should not, each call looks for itself.
  private static let key: Int32 = -5_318_008
  /// From so many calls on, a function's corrections are told apart in memory.
  private static let callsBeforeLoading = 24
  private static let largestSet = 1_000_000

  /// The corrections of one function or classifier.
  private struct Subject {
    var calls = 0
    /// Hashes of all corrected texts; nil where they were not read.
    var texts: Set<Int>?
  }

  private let connection: OpaquePointer
  /// Looks for a label.
  private let lookup: OpaquePointer
  private var subjects: [[UInt8]: Subject] = [:]
  private let generation: Int

  /// Nil where there are no corrections.
  private init?(_ session: ConnectionSession) {
    guard session.corrections.hasTable(session.connection) else { return nil }
    connection = session.connection
    generation = session.corrections.generation
    var statement: OpaquePointer?
    // A table of the user's that is something else has no corrections; ai_feedback tells.
    csqlite_prepare_v3(
      session.connection, "SELECT label FROM main.\(FeedbackTable.name) WHERE name = ?1 AND text = ?2", -1, 0,
      &statement, nil)
    guard let statement else { return nil }
    lookup = statement
  }

  deinit { csqlite_finalize(lookup) }

  /// Those of the statement that calls; nil where there are none.
  static func ofStatement(_ context: OpaquePointer, _ session: ConnectionSession) -> StatementCorrections? {
    let corrections = session.corrections
    if let pointer = csqlite_get_auxdata(context, key) {
      if pointer == corrections.noneMark { return nil }
      if !SessionCorrections.isMark(pointer) {
        let kept = Unmanaged<StatementCorrections>.fromOpaque(pointer).takeUnretainedValue()
        if kept.generation == corrections.generation { return kept }
      }
    }
    guard let made = StatementCorrections(session) else {
      csqlite_set_auxdata(context, key, corrections.noneMark, nil)
      return nil
    }
    csqlite_set_auxdata(context, key, Unmanaged.passRetained(made).toOpaque()) { pointer in
      if let pointer { Unmanaged<StatementCorrections>.fromOpaque(pointer).release() }
    }
    return made
  }

  /// The right label of a text that a function or classifier was corrected about.
  func label(of text: UnsafeRawBufferPointer, _ subject: CorrectionSubject) throws(SibylError) -> String? {
    switch subject {
    case .classifier(let name): return try label(of: text, name)
    case .function(var name):
      let found = name.withUTF8 { bytes -> Result<String?, SibylError> in
        do throws(SibylError) {
          return .success(try label(of: text, UnsafeRawBufferPointer(bytes)))
        } catch {
          return .failure(error)
        }
      }
      return try found.get()
    }
  }

  private func label(
    of text: UnsafeRawBufferPointer, _ subject: UnsafeRawBufferPointer
  ) throws(SibylError) -> String? {
    let name = Array(subject)
    var known = subjects[name] ?? Subject()
    defer { subjects[name] = known }
    known.calls += 1
    if known.calls == Self.callsBeforeLoading { try load(&known, subject) }
    if let texts = known.texts, !texts.contains(Self.hash(text)) { return nil }
    return try find(text, subject)
  }

  private func find(
    _ text: UnsafeRawBufferPointer, _ subject: UnsafeRawBufferPointer
  ) throws(SibylError) -> String? {
    defer {
      csqlite_reset(lookup)
      csqlite_clear_bindings(lookup)
    }
    Self.bind(subject, to: lookup, 1)
    Self.bind(text, to: lookup, 2)
    let status = csqlite_step(lookup)
    // An error of the statement itself: another connection has dropped the table, or made it something else.
    if status == SQLITE_DONE || status & 0xFF == SQLITE_ERROR { return nil }
    guard status == SQLITE_ROW else { throw SQLStatement.failure(of: connection, status) }
    guard case .text(let label) = SQLiteColumn.raw(lookup, 0) else { return nil }
    return String(validating: label, as: UTF8.self)
  }

  private func load(_ known: inout Subject, _ subject: UnsafeRawBufferPointer) throws(SibylError) {
    let statement = try SQLStatement(
      "SELECT text FROM main.\(FeedbackTable.name) WHERE name = ?1", on: connection)
    Self.bind(subject, to: statement.pointer, 1)
    var texts: Set<Int> = []
    while texts.count <= Self.largestSet {
      let status = csqlite_step(statement.pointer)
      guard status == SQLITE_ROW else {
        guard status == SQLITE_DONE else { throw SQLStatement.failure(of: connection, status) }
        known.texts = texts
        return
      }
      if case .text(let text) = SQLiteColumn.raw(statement.pointer, 0) { texts.insert(Self.hash(text)) }
    }
  }

  private static func hash(_ text: UnsafeRawBufferPointer) -> Int {
    var hasher = Hasher()
    hasher.combine(bytes: text)
    return hasher.finalize()
  }

  private static func bind(_ bytes: UnsafeRawBufferPointer, to statement: OpaquePointer, _ index: Int32) {
    guard let start = bytes.baseAddress?.assumingMemoryBound(to: CChar.self) else {
      _ = csqlite_bind_text(statement, index, "", 0)
      return
    }
    _ = csqlite_bind_text(statement, index, start, Int64(bytes.count))
  }
}

extension ConnectionSession {
  /// Looks for a correction, which must not look for others: the table may hold columns that are computed.
  func lookingForCorrection<Result>(
    _ body: () throws(SibylError) -> Result
  ) throws(SibylError) -> Result {
    isLookingForCorrection = true
    defer { isLookingForCorrection = false }
    return try body()
  }
}
