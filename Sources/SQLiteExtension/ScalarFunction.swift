import CSQLite
import Diagnostics
import Functions

/// A scalar function of the catalogue on one connection.
final class ScalarFunction {
  private let session: ConnectionSession
  private let function: AIFunction
  /// Where the function is called from, as told apart by the constants: one statement may classify by two
  /// sets of labels. New ones take turns with the places.
  private var sites: [CallSite]
  private var nextSite = 0

  private let isCorrectable: Bool

  private static let siteLimit = 4

  private init(_ function: AIFunction, session: ConnectionSession) {
    self.session = session
    self.function = function
    isCorrectable = function.isCorrectable
    sites = [CallSite(function)]
  }

  /// Registers the function under all its names, once for each number of arguments that it takes.
  static func register(_ function: AIFunction, on session: ConnectionSession) -> Int32 {
    let scalar = ScalarFunction(function, session: session)
    let flags =
      switch function.volatility {
      case .immutable: SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS
      case .stable: SQLITE_UTF8 | SQLITE_INNOCUOUS
      case .volatile: SQLITE_UTF8 | SQLITE_DIRECTONLY
      }
    for name in [function.name] + function.aliases {
      for count in function.arity {
        session.retainRegistration()
        // SQLite calls `destroy` also when it refuses the function.
        // A form that may send data to a server is not for what came with a database file.
        let isForOwnStatements = session.serverPolicy.permits(function, arguments: count)
        let status = csqlite_create_function_v2(
          session.connection, name, Int32(count),
          isForOwnStatements ? flags & ~SQLITE_INNOCUOUS | SQLITE_DIRECTONLY : flags,
          Unmanaged.passRetained(scalar).toOpaque(),
          { context, count, values in ScalarFunction.call(context, count, values) },
          { pointer in ScalarFunction.destroy(pointer) })
        guard status == SQLITE_OK else { return status }
      }
    }
    return SQLITE_OK
  }

  private static func destroy(_ pointer: UnsafeMutableRawPointer?) {
    guard let pointer else { return }
    let scalar = Unmanaged<ScalarFunction>.fromOpaque(pointer)
    scalar.takeUnretainedValue().session.releaseRegistration()
    scalar.release()
  }

  private static func call(
    _ context: OpaquePointer?, _ count: Int32, _ values: UnsafeMutablePointer<OpaquePointer?>?
  ) {
    guard let context, let pointer = csqlite_user_data(context) else { return }
    let scalar = Unmanaged<ScalarFunction>.fromOpaque(pointer)
    let values = UnsafeBufferPointer(start: values, count: values == nil ? 0 : max(0, Int(count)))
    scalar._withUnsafeGuaranteedRef { $0.call(context, values) }
  }

  private func call(_ context: OpaquePointer, _ values: UnsafeBufferPointer<OpaquePointer?>) {
    withUnsafeTemporaryAllocation(of: RawArgument.self, capacity: values.count) { buffer in
      for (position, value) in values.enumerated() {
        buffer.initializeElement(at: position, to: SQLiteArgument.raw(value))
      }
      session.isUnwinding = false
      session.permitsServers =
        function.volatility == .volatile || session.serverPolicy.permits(function, arguments: values.count)
      if let position = function.classifierPosition {
        session.boundClassifier.begin(context, argument: position)
      }
      defer {
        if let position = function.classifierPosition {
          session.boundClassifier.end(context, argument: position)
        }
      }
      let arguments = UnsafeBufferPointer(buffer)
      do throws(SibylError) {
        if isCorrectable, let answer = try corrected(arguments, context) {
          SQLiteResult.set(answer, context)
          return
        }
        let answer =
          if let pass = session.pass {
            try collected(arguments, in: pass)
          } else {
            try site(for: arguments).answer(arguments, host: session)
          }
        SQLiteResult.set(answer, context)
      } catch {
        session.isUnwinding = true
        SQLiteResult.set(error, context)
      }
    }
  }

  /// The answer to a text whose right label `ai_feedback` was told; nil for all others.
  private func corrected(
    _ arguments: UnsafeBufferPointer<RawArgument>, _ context: OpaquePointer
  ) throws(SibylError) -> Value? {
    guard let corrections = StatementCorrections.ofStatement(context, session),
      !session.isLookingForCorrection
    else { return nil }
    let position = function.textPosition
    let named = function.classifierPosition.flatMap { arguments.indices.contains($0) ? arguments[$0] : nil }
    guard arguments.indices.contains(position), case .text(let text) = arguments[position],
      let subject = function.correctionSubject(classifier: named),
      let label = try session.lookingForCorrection({ () throws(SibylError) in
        try corrections.label(of: text, subject)
      })
    else { return nil }
    do throws(SibylError) {
      return try function.corrected(sites[0].copies(of: arguments), to: label, host: session)
    } catch {
      guard let pass = session.pass else { throw error }
      pass.leaveOpen()
      return .null
    }
  }

  /// In collecting mode: the cached answer, or NULL. Faulty arguments give NULL too, because the statement
  /// itself is still to come and will tell.
  private func collected(
    _ arguments: UnsafeBufferPointer<RawArgument>, in pass: CollectingPass
  ) throws(SibylError) -> Value {
    switch try pass.glance(function, arguments) {
    case .answer(let value): return value
    case .noted: return .null
    case .unknown: break
    }
    guard let values = try? sites[0].copies(of: arguments) else {
      pass.leaveOpen()
      return .null
    }
    return try pass.valueOrRecord(function, values) ?? .null
  }

  private func site(for arguments: UnsafeBufferPointer<RawArgument>) -> CallSite {
    guard function.hasConstants else { return sites[0] }
    if let site = sites.first(where: { $0.knowsConstants(of: arguments) }) { return site }
    if sites.count < Self.siteLimit { sites.append(CallSite(function)) }
    nextSite = (nextSite + 1) % sites.count
    return sites[nextSite]
  }
}
