import CSQLite
import Diagnostics
import Functions

/// An aggregate function of the catalogue on one connection.
final class AggregateFunction {
  private let session: ConnectionSession
  private let aggregate: AIAggregate
  private let site: CallSite

  private init(_ aggregate: AIAggregate, session: ConnectionSession) {
    self.session = session
    self.aggregate = aggregate
    site = CallSite(aggregate.function)
  }

  /// A group whose rows come in; SQLite keeps the pointer to it and calls `final` for each, come what may.
  private final class Group {
    var call: GroupedCall
    var isFaulty = false
    var permitsServers = false

    init(_ aggregate: AIAggregate) { call = GroupedCall(aggregate) }
  }

  /// Registers the function under all its names, once for each number of arguments that it takes.
  static func register(_ aggregate: AIAggregate, on session: ConnectionSession) -> Int32 {
    let function = AggregateFunction(aggregate, session: session)
    for name in [aggregate.name] + aggregate.aliases {
      for count in aggregate.arity {
        session.retainRegistration()
        // SQLite calls `destroy` also when it refuses the function.
        // A form that may send data to a server is not for what came with a database file.
        let isForOwnStatements = session.serverPolicy.permits(aggregate.function, arguments: count)
        let status = csqlite_create_aggregate_v2(
          session.connection, name, Int32(count),
          SQLITE_UTF8 | SQLITE_DETERMINISTIC | (isForOwnStatements ? SQLITE_DIRECTONLY : SQLITE_INNOCUOUS),
          Unmanaged.passRetained(function).toOpaque(),
          { context, count, values in AggregateFunction.step(context, count, values) },
          { context in AggregateFunction.final(context) },
          { pointer in AggregateFunction.destroy(pointer) })
        guard status == SQLITE_OK else { return status }
      }
    }
    return SQLITE_OK
  }

  private static func destroy(_ pointer: UnsafeMutableRawPointer?) {
    guard let pointer else { return }
    let function = Unmanaged<AggregateFunction>.fromOpaque(pointer)
    function.takeUnretainedValue().session.releaseRegistration()
    function.release()
  }

  // MARK: - A row

  private static func step(
    _ context: OpaquePointer?, _ count: Int32, _ values: UnsafeMutablePointer<OpaquePointer?>?
  ) {
    guard let context, let pointer = csqlite_user_data(context) else { return }
    let function = Unmanaged<AggregateFunction>.fromOpaque(pointer).takeUnretainedValue()
    // SQLite hands out zeroed memory at a group's first row, and the same at the later ones.
    guard let memory = csqlite_aggregate_context(context, Int32(MemoryLayout<UnsafeRawPointer?>.size)) else {
      csqlite_result_error_nomem(context)
      return
    }
    let slot = memory.assumingMemoryBound(to: UnsafeMutableRawPointer?.self)
    let group: Group
    if let known = slot.pointee {
      group = Unmanaged<Group>.fromOpaque(known).takeUnretainedValue()
    } else {
      group = Group(function.aggregate)
      slot.pointee = Unmanaged.passRetained(group).toOpaque()
    }
    let values = UnsafeBufferPointer(start: values, count: values == nil ? 0 : max(0, Int(count)))
    function.add(values, to: group, context)
  }

  private func add(
    _ values: UnsafeBufferPointer<OpaquePointer?>, to group: Group, _ context: OpaquePointer
  ) {
    session.isUnwinding = false
    guard !group.isFaulty else { return }
    group.permitsServers = session.serverPolicy.permits(aggregate.function, arguments: values.count)
    withUnsafeTemporaryAllocation(of: RawArgument.self, capacity: values.count) { buffer in
      for (position, value) in values.enumerated() {
        buffer.initializeElement(at: position, to: SQLiteArgument.raw(value))
      }
      do throws(SibylError) {
        try group.call.add(UnsafeBufferPointer(buffer))
      } catch {
        group.isFaulty = true
        // While collecting, a NULL may stand where an argument will be; the statement itself will tell.
        if session.pass == nil { fail(error, context) }
      }
    }
  }

  // MARK: - A group

  private static func final(_ context: OpaquePointer?) {
    guard let context, let pointer = csqlite_user_data(context) else { return }
    let function = Unmanaged<AggregateFunction>.fromOpaque(pointer).takeUnretainedValue()
    // Nothing where no row came.
    guard let memory = csqlite_aggregate_context(context, 0) else { return csqlite_result_null(context) }
    let slot = memory.assumingMemoryBound(to: UnsafeMutableRawPointer?.self)
    guard let known = slot.pointee else { return csqlite_result_null(context) }
    slot.pointee = nil
    let group = Unmanaged<Group>.fromOpaque(known).takeRetainedValue()
    do throws(SibylError) {
      SQLiteResult.set(try function.answer(group), context)
    } catch {
      function.fail(error, context)
    }
  }

  private func answer(_ group: Group) throws(SibylError) -> Value {
    session.permitsServers = group.permitsServers
    if let pass = session.pass { return try collected(group, in: pass) }
    // A statement that was broken off has its groups ended too, and throws the answers away.
    guard !group.isFaulty, !session.isUnwinding, let arguments = group.call.arguments else { return .null }
    if session.isInterrupted { throw SibylError(.cancelled, "interrupted") }
    return try site.answer(arguments, host: session)
  }

  /// In collecting mode: the cached answer, or NULL.
  private func collected(_ group: Group, in pass: CollectingPass) throws(SibylError) -> Value {
    guard !group.isFaulty else {
      pass.leaveOpen()
      return .null
    }
    guard let arguments = group.call.arguments else { return .null }
    return try pass.groupAnswer(aggregate.function, arguments) ?? .null
  }

  private func fail(_ error: SibylError, _ context: OpaquePointer) {
    session.isUnwinding = true
    SQLiteResult.set(error, context)
  }
}
