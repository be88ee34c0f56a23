import NIOCore

/// What an authenticated client says and gets: queries, prepared statements, portals, transaction blocks.
///
/// Bound to its connection's event loop: only that thread may touch it. One statement runs at a time.
final class ClientSession {
  /// Why a call is cancelled.
  enum CancelReason {
    case client
    case timeout
    case stop
  }

  /// A call that the service works on.
  struct RunningCall {
    var answer: PendingAnswer
    var columns: [WireColumn]
    var purpose: ResultPurpose
    var timeout: Scheduled<Void>?
    var cancelReason: CancelReason?
  }

  /// The statements of a simple query, and which comes next.
  struct QueryProgress {
    var statements: [Statement]
    var next = 0
  }

  let identity: WireSession
  unowned let connection: ConnectionHandler
  let server: ServerContext
  var settings: SessionSettings
  var transaction = TransactionStatus.idle
  var store: StatementStore
  var encoder = CellEncoder()
  var query: QueryProgress?
  var running: RunningCall?
  var emission: RowEmission?
  var isEmitting = false
  /// Set after an error in the extended protocol: everything up to the next Sync is passed over.
  private var ignoresUntilSync = false
  /// Set between the first message of an extended query and its Sync, without which the client takes no answer for
  /// complete.
  private(set) var isAwaitingSync = false
  /// Set while the service is being asked, so that an answer given at once is not taken from within.
  private var isAsking = false
  private var earlyAnswer: Result<WireRows, WireError>?

  init(
    identity: WireSession, settings: SessionSettings, connection: ConnectionHandler, server: ServerContext
  ) {
    self.identity = identity
    self.settings = settings
    self.connection = connection
    self.server = server
    store = StatementStore(maximumBytes: server.configuration.maximumMessageBytes)
  }

  var isBusy: Bool { running != nil || emission != nil }

  var limits: StatementLimits {
    var limits = StatementLimits()
    limits.arrayElements = server.configuration.maximumArrayElements
    return limits
  }

  // MARK: Messages

  func take(_ type: UInt8, _ body: ByteBuffer) {
    if Self.isExtended(type) { isAwaitingSync = type != UInt8(ascii: "S") }
    if ignoresUntilSync, type != UInt8(ascii: "S"), type != UInt8(ascii: "X") { return }
    do throws(WireError) {
      switch try FrontendMessage(type: type, body: body) {
      case .query(let text): try startQuery(text)
      case .parse(let message): try parse(message)
      case .bind(let message): try bind(message, bytes: body.readableBytes)
      case .describe(let target, let name): try describe(target, name)
      case .execute(let portal, let maximumRows): try execute(portal: portal, maximumRows: maximumRows)
      case .close(let target, let name):
        store.close(target, name)
        connection.output.writeCloseComplete()
      case .sync:
        ignoresUntilSync = false
        finishQuery()
      case .flush: connection.setNeedsFlush()
      case .terminate: connection.close()
      case .functionCall:
        throw WireError(
          .featureNotSupported, "the function call protocol is not supported; send a query instead")
      case .copy: break
      case .authentication:
        throw WireError(.protocolViolation, "unexpected authentication message", severity: .fatal)
      }
    } catch {
      fail(error, isExtended: Self.isExtended(type))
    }
  }

  /// A message that was longer than its limit; it has been passed over.
  func takeSkipped(_ type: UInt8, limit: Int) {
    if Self.isExtended(type) { isAwaitingSync = true }
    if ignoresUntilSync || type == UInt8(ascii: "d") { return }
    let error = WireError(
      .programLimitExceeded, "a message of this kind may have at most \(limit) bytes; send less at a time")
    fail(error, isExtended: Self.isExtended(type))
  }

  private static func isExtended(_ type: UInt8) -> Bool {
    switch type {
    case UInt8(ascii: "P"), UInt8(ascii: "B"), UInt8(ascii: "D"), UInt8(ascii: "E"), UInt8(ascii: "C"),
      UInt8(ascii: "H"), UInt8(ascii: "S"):
      true
    default: false
    }
  }

  /// Reports an error; a transaction block that is open fails with it.
  ///
  /// - Parameter isExtended: whether the client ends what failed with a Sync.
  func fail(_ error: WireError, isExtended: Bool) {
    if error.severity == .fatal { return connection.fail(error) }
    connection.output.writeError(error)
    if transaction == .open { transaction = .failed }
    query = nil
    if isExtended {
      // The client may wait for this before it sends its Sync, and a Flush is passed over from now on.
      ignoresUntilSync = true
      connection.setNeedsFlush()
    } else {
      finishQuery()
    }
  }

  /// Ends a simple query or a Sync.
  private func finishQuery() {
    query = nil
    if transaction == .idle { store.closeAllPortals() }
    connection.output.writeReadyForQuery(transaction)
    connection.setNeedsFlush()
  }

  // MARK: Simple query

  private func startQuery(_ text: ByteBuffer) throws(WireError) {
    store.closeUnnamed()
    let limits = limits
    let statements = try text.parsed(limits: limits)
    guard !statements.isEmpty else {
      connection.output.writeEmptyQueryResponse()
      return finishQuery()
    }
    query = QueryProgress(statements: statements)
    continueQuery()
  }

  /// Runs the statements that are left, up to one that has to be waited for.
  private func continueQuery() {
    while let progress = query, !isBusy {
      guard progress.next < progress.statements.count else { return finishQuery() }
      query?.next += 1
      do throws(WireError) {
        try runSimple(progress.statements[progress.next])
      } catch {
        return fail(error, isExtended: false)
      }
    }
  }

  private func runSimple(_ statement: Statement) throws(WireError) {
    try checkTransaction(allows: statement)
    switch statement {
    case .call(let call):
      try Self.checkUnbound(call)
      let description = try describe(call.call, types: call.call.arguments.map(\.typeName))
      start(call.call, columns: description.columns, purpose: .simple)
    case .literal(let literal):
      try Self.checkUnbound(literal)
      let (column, cell) = Self.literalResult(literal.call)
      send(WireRows(cell), columns: [column], purpose: .simple)
    case .show(let name):
      let (rows, columns) = try shown(name)
      send(rows, columns: columns, purpose: .simple)
    default: connection.output.writeCommandComplete(try runUtility(statement))
    }
  }

  private static func checkUnbound(_ call: CallStatement) throws(WireError) {
    guard let parameter = call.parameters.first else { return }
    throw WireError(.undefinedParameter, "there is no parameter $\(parameter.index + 1)")
  }

  // MARK: Calls

  /// Asks the service about a call. The column of a scalar call takes the call's alias for its name.
  func describe(_ call: WireCall, types: [String?]) throws(WireError) -> WireDescription {
    var description = try server.service.describe(
      WireSignature(call.name, types, form: call.form), session: identity)
    guard !description.columns.isEmpty, description.columns.count <= 1_000 else {
      throw WireError(.internalError, "\(call.name): the service described no columns")
    }
    if call.form == .scalar, let alias = call.alias { description.columns[0].name = alias }
    return description
  }

  func start(_ call: WireCall, columns: [WireColumn], purpose: ResultPurpose) {
    guard let eventLoop = connection.context?.eventLoop else { return }
    let answer = PendingAnswer(receiver: self, eventLoop: eventLoop)
    var timeout: Scheduled<Void>?
    if settings.statementTimeout > 0 {
      let bound = NIOLoopBound(self, eventLoop: eventLoop)
      timeout = eventLoop.scheduleTask(in: .milliseconds(settings.statementTimeout)) {
        bound.value.cancelCall(.timeout)
      }
    }
    running = RunningCall(answer: answer, columns: columns, purpose: purpose, timeout: timeout)
    isAsking = true
    server.service.run(WireRequest(call: call, session: identity, answer: answer))
    isAsking = false
    if let outcome = earlyAnswer {
      earlyAnswer = nil
      deliver(outcome)
    }
  }

  /// The service has answered.
  func callFinished(_ outcome: Result<WireRows, WireError>) {
    // An answer from another thread can be on its way here while the connection ends, and come after it.
    guard running != nil else { return }
    if isAsking {
      earlyAnswer = outcome
      return
    }
    deliver(outcome)
    proceed()
  }

  private func deliver(_ outcome: Result<WireRows, WireError>) {
    guard let call = running else { return }
    running = nil
    call.timeout?.cancel()
    switch outcome {
    case .success(let rows): send(rows, columns: call.columns, purpose: call.purpose)
    case .failure(var error):
      if error.sqlState == .queryCanceled, call.cancelReason == .timeout { error = .cancelledByTimeout }
      if error.sqlState == .queryCanceled, call.cancelReason == .stop { error = .stopping }
      fail(error, isExtended: call.purpose.isExtended)
    }
  }

  /// Goes on with what follows a statement that had to be waited for.
  func proceed() {
    guard !isBusy else {
      connection.flush()
      return
    }
    // A server that stops finishes the statement, not the whole query string; but where that was all of it, the
    // client is told so, because it would take the answer for incomplete.
    let hasMore = query.map { $0.next < $0.statements.count } ?? false
    if !connection.isStopping || !hasMore { continueQuery() }
    connection.process()
  }

  // MARK: Cancellation and end

  /// Tells the service that the answer is no longer wanted; the client still gets one.
  func cancelCall(_ reason: CancelReason) {
    guard running != nil else { return }
    if running?.cancelReason == nil { running?.cancelReason = reason }
    running?.answer.cancel()
  }

  /// The client is gone, or will be told nothing more.
  func abandonCall() {
    running?.timeout?.cancel()
    running?.answer.abandon()
    running = nil
    emission = nil
    query = nil
  }

  func end() {
    abandonCall()
    server.logger.debug("session ended", metadata: ["session": "\(identity.id)"])
    server.service.sessionEnded(identity)
  }
}

extension ByteBuffer {
  /// The statements of a query string.
  fileprivate func parsed(limits: StatementLimits) throws(WireError) -> [Statement] {
    let result = withUnsafeReadableBytes { bytes in
      Result { () throws(WireError) in
        try bytes.withMemoryRebound(to: UInt8.self) { (bytes) throws(WireError) in
          try StatementParser.parse(bytes, limits: limits)
        }
      }
    }
    return try result.get()
  }
}
