import Diagnostics
import Functions
import Inference
import ModelFiles
import PostgresWire
import Threads

/// What the bridge's port answers: the catalogue's functions, and those that the database's own functions
/// use: `sibyl_call`, `sibyl_call_in` (a call with what it has to know of the database), `sibyl_wait`, `sibyl_status`,
/// and `sibyl_put` and `sibyl_keep`, which send rows and classifiers.
///
/// Threads: called on event loops, where it does not block: calls are computed by the pool, but for a tiny one of
/// a caller who is alone.
final class BridgeService: WireService {
  private let pool: CallPool
  private let polls: LongPoll
  private let limits: BridgeLimits
  private let counters: BridgeCounters
  private let sessions: @Sendable () -> Int
  private let uploads = SessionUploads()
  private let classifiers = ClassifierMemory()

  init(
    pool: CallPool, limits: BridgeLimits, counters: BridgeCounters, sessions: @escaping @Sendable () -> Int
  ) {
    self.pool = pool
    self.limits = limits
    self.counters = counters
    self.sessions = sessions
    polls = LongPoll { (request, session) throws(WireError) in
      try Self.start(request, session, pool, limits)
    }
  }

  var isPolled: Bool { polls.isBusy }

  /// Called every few milliseconds while anything is under way.
  func tick() {
    polls.tick()
    pool.sweep(now: MonotonicClock.nanoseconds)
  }

  /// The server is about to stop and to let the requests finish that are under way: makes calls of the database
  /// such requests.
  func prepareToStop(milliseconds: UInt64) { polls.endTickets(milliseconds: milliseconds) }

  func sessionEnded(_ session: WireSession) {
    polls.sessionEnded(session.id)
    uploads.sessionEnded(session.id)
  }

  // MARK: - Describing

  func describe(_ signature: WireSignature, session: WireSession) throws(WireError) -> WireDescription {
    switch signature.name {
    case "sibyl_call", "sibyl_call_in", "sibyl_wait", "sibyl_put", "sibyl_keep":
      return WireDescription(
        argumentTypes: [], columns: [WireColumn("ticket", .text), WireColumn("answer", .text)])
    case "sibyl_status":
      return WireDescription(argumentTypes: [], columns: BridgeStatus.columns)
    default: break
    }
    let target = try Self.target(named: signature.name)
    let entry = target.entry
    guard entry.arity.contains(signature.argumentTypes.count) else {
      throw WireError(.undefinedFunction, entry.arityError(signature.argumentTypes.count).message)
    }
    let argumentTypes = zip(entry.parameters, signature.argumentTypes).map { parameter, given in
      given.flatMap { WireType(named: $0) } ?? Answer.type(parameter.type)
    }
    switch target {
    case .table(let table):
      return WireDescription(
        argumentTypes: argumentTypes, columns: table.columns.map { WireColumn($0.name, Answer.type($0.type)) }
      )
    case .function(let function):
      let type = Answer.type(function.returns)
      let isArray = Self.isArray(signature.argumentTypes, entry)
      return WireDescription(
        argumentTypes: argumentTypes,
        columns: [WireColumn(function.name, isArray ? type.array ?? .realArray : type)])
    }
  }

  private static func isArray(_ typeNames: [String?], _ entry: any CatalogueEntry) -> Bool {
    guard let position = CallRequest.arrayPosition(entry), typeNames.indices.contains(position),
      let typeName = typeNames[position]
    else { return false }
    return typeName.hasSuffix("[]") && !CallRequest.isVector(typeName)
  }

  private static func target(named name: String) throws(WireError) -> CallRequest.Target {
    if let function = Catalogue.function(named: name) { return .function(function) }
    if let aggregate = Catalogue.aggregate(named: name) { return .function(aggregate.function) }
    if let table = Catalogue.table(named: name) { return .table(table) }
    throw WireError(
      .undefinedFunction, "there is no function \(name) here",
      hint: "SELECT * FROM ai_functions() lists them.")
  }

  // MARK: - Running

  func run(_ request: WireRequest) {
    do throws(WireError) {
      switch request.call.name {
      case "sibyl_status":
        // It looks into files, and so must not run here.
        let isStarted = WorkerThread.start { [self] in
          request.succeed(
            BridgeStatus.row(counters: counters, waiting: pool.waitingCount, sessions: sessions()))
        }
        if !isStarted { throw WireError(.insufficientResources, "the system gives the bridge no thread") }
      case "sibyl_wait":
        guard request.call.arguments.count == 1, let ticket = request.call.arguments[0].value.text else {
          throw WireError(.invalidParameterValue, "sibyl_wait takes the ticket of a call")
        }
        polls.wait(ticket, for: request)
      case "sibyl_call":
        guard let name = request.call.arguments.first?.value.text else {
          throw WireError(.invalidParameterValue, "sibyl_call takes a function's name and its arguments")
        }
        counters.addRequest()
        polls.begin(
          try CallRequest(
            Self.target(named: name), Array(request.call.arguments.dropFirst()), limits: limits), for: request
        )
      case "sibyl_call_in":
        guard request.call.arguments.count >= 2, let context = request.call.arguments[0].value.text,
          let name = request.call.arguments[1].value.text
        else {
          throw WireError(
            .invalidParameterValue,
            "sibyl_call_in takes what the database tells, a function's name and its arguments")
        }
        counters.addRequest()
        let surroundings = try CallSurroundings(context, session: request.session.id, classifiers, uploads)
        let target = try Self.target(named: name)
        guard !surroundings.isOpenToAll || target.entry.session != nil else {
          throw WireError(.undefinedFunction, "\(name) is not called in this way")
        }
        polls.begin(
          try CallRequest(target, Array(request.call.arguments.dropFirst(2)), surroundings, limits: limits),
          for: request)
      case "sibyl_put":
        guard request.call.arguments.count == 3, let name = request.call.arguments[0].value.text,
          let isFirst = request.call.arguments[1].value.text, let part = request.call.arguments[2].value.text
        else {
          throw WireError(
            .invalidParameterValue,
            "sibyl_put takes an upload's name, whether this is its first part, and the part")
        }
        try uploads.put(part, name, isFirst: isFirst.hasPrefix("t"), session: request.session.id)
        request.succeed(WireRows(columnCount: 2, cells: [.null, .null]))
      case "sibyl_keep":
        guard request.call.arguments.count == 1, let name = request.call.arguments[0].value.text else {
          throw WireError(.invalidParameterValue, "sibyl_keep takes an upload's name")
        }
        try keep(uploads.take(name, session: request.session.id), for: request)
      default:
        counters.addRequest()
        try runDirectly(request)
      }
    } catch {
      request.fail(error)
    }
  }

  /// Reads classifiers that the database has sent; large ones take a while, and so not here.
  private func keep(_ upload: SessionUpload, for request: WireRequest) throws(WireError) {
    let isStarted = WorkerThread.start { [classifiers] in
      do throws(SibylError) {
        for classifier in try upload.classifiers() { try classifiers.keep(classifier) }
        request.succeed(WireRows(columnCount: 2, cells: [.null, .null]))
      } catch {
        request.fail(WireError(error))
      }
    }
    if !isStarted { throw WireError(.insufficientResources, "the system gives the bridge no thread") }
  }

  /// A call by a client of the bridge's own port.
  private func runDirectly(_ request: WireRequest) throws(WireError) {
    let target = try Self.target(named: request.call.name)
    let call = try CallRequest(target, request.call.arguments, limits: limits)
    let attempt = try Self.start(call, request.session.id, pool, limits)
    request.onCancel { attempt.cancel() }
    attempt.whenFinished { outcome in
      switch outcome {
      case .failure(let error): request.fail(error)
      case .success(.values(let values)) where call.isArray: request.succeed(.text(Answer.arrayText(values)))
      case .success(.values(let values)): request.succeed(values.first.map(Answer.cell) ?? .null)
      case .success(.results), .success(.stored): request.fail(.cancelled)
      case .success(.rows(let rows)):
        let width = if case .table(let table) = call.target { table.columns.count } else { 1 }
        request.succeed(WireRows(columnCount: width, cells: rows.flatMap { $0.map(Answer.cell) }))
      }
    }
  }

  private static func start(
    _ request: CallRequest, _ session: Int32, _ pool: CallPool, _ limits: BridgeLimits
  ) throws(WireError) -> CallAttempt {
    let nanoseconds = UInt64(min(max(limits.callSeconds, 0.001), 1e6) * 1e9)
    // A training takes as long as it takes; its caller sees how far it is, and can cancel it.
    let attempt = CallAttempt(
      request, deadline: request.isTraining ? .max : MonotonicClock.nanoseconds + nanoseconds)
    if !pool.runHere(attempt, session: session) { try pool.submit(attempt) }
    return attempt
  }
}
