import NIOCore
import NIOSSL

/// One client's connection: start-up, authentication, and the way of messages in and out. What messages mean
/// once the client has authenticated itself is `ClientSession`'s part.
///
/// Bound to its channel's event loop: only that thread may touch it.
final class ConnectionHandler: ChannelDuplexHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  enum Stage {
    /// The first packets: what the client wants, encryption first.
    case startup
    /// Waiting for SASLInitialResponse.
    case authenticating(StartupMessage)
    /// Waiting for SASLResponse.
    case proving(StartupMessage, SCRAMExchange)
    case session
    /// The last words are said; what comes in is thrown away.
    case closing
  }

  let server: ServerContext
  /// Whether clients reach the listener from this machine only.
  let isLocal: Bool
  var stage = Stage.startup
  /// Set once the client has shown who it is, and until the channel is gone.
  private var session: ClientSession?
  /// What is written here goes out when `process` is through, or earlier in large pieces.
  var output = MessageWriter()
  var isEncrypted = false
  var isAdmitted = false
  private(set) var context: ChannelHandlerContext?
  private var inbound = InboundMessages()
  private var isProcessing = false
  private var needsFlush = false
  /// Set while the client's bytes are left in the socket.
  private var isReadHeld = false
  /// The server's state, not the connection's: from the moment of the stop no connection begins another statement,
  /// whichever of them is told first.
  var isStopping: Bool { server.registry.isStopping }
  private var authenticationTimeout: Scheduled<Void>?

  /// While a statement runs, reading goes on until so many bytes wait behind it.
  private static let readAhead = 64 << 10
  /// Output is handed to the channel in pieces of about this size.
  static let pieceBytes = 64 << 10

  init(server: ServerContext, isLocal: Bool) {
    self.server = server
    self.isLocal = isLocal
  }

  // MARK: The channel's life

  func handlerAdded(context: ChannelHandlerContext) {
    self.context = context
  }

  func handlerRemoved(context: ChannelHandlerContext) {
    self.context = nil
  }

  func channelActive(context: ChannelHandlerContext) {
    guard server.registry.add(self, eventLoop: context.eventLoop) else {
      fail(WireError(.tooManyConnections, "sorry, too many clients already", severity: .fatal))
      return
    }
    let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
    authenticationTimeout = context.eventLoop.scheduleTask(
      in: server.configuration.authenticationTimeout.bounded
    ) {
      bound.value.authenticationTimedOut()
    }
    context.fireChannelActive()
  }

  func channelInactive(context: ChannelHandlerContext) {
    authenticationTimeout?.cancel()
    stage = .closing
    session?.end()
    server.registry.remove(self, session: session?.identity.id, wasAdmitted: isAdmitted)
    session = nil
    context.fireChannelInactive()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    server.logger.debug("connection failed", metadata: ["error": "\(error)"])
    context.close(promise: nil)
  }

  private func authenticationTimedOut() {
    switch stage {
    case .startup: close()
    case .authenticating, .proving:
      fail(WireError(.queryCanceled, "canceling authentication due to timeout", severity: .fatal))
    case .session, .closing: break
    }
  }

  /// The client has shown who it is.
  func begin(_ session: ClientSession) {
    authenticationTimeout?.cancel()
    authenticationTimeout = nil
    stage = .session
    self.session = session
  }

  // MARK: In

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    if case .closing = stage { return }
    inbound.append(unwrapInboundIn(data))
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    process()
  }

  /// Holds reading while a statement runs and enough waits behind it: the client then has to wait too.
  func read(context: ChannelHandlerContext) {
    if isBusy, inbound.readableBytes >= Self.readAhead {
      isReadHeld = true
    } else {
      context.read()
    }
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    if case .session = stage, context.channel.isWritable {
      session?.continueWriting()
      process()
    }
    context.fireChannelWritabilityChanged()
  }

  /// Takes messages until there are no more, or one has to be waited for; then sends what was written.
  func process() {
    guard !isProcessing else { return }
    isProcessing = true
    while takeMessage() {}
    isProcessing = false
    inbound.compact()
    if needsFlush { flush() }
    guard isReadHeld, !isBusy else { return }
    isReadHeld = false
    context?.read()
  }

  /// Whether a statement runs or its result is still being sent.
  private var isBusy: Bool {
    if case .session = stage { session?.isBusy ?? false } else { false }
  }

  /// - Returns: whether there may be more to take.
  private func takeMessage() -> Bool {
    switch stage {
    case .closing: return false
    case .startup:
      switch inbound.nextStartupPacket() {
      case .message(_, let body): takeStartupPacket(body, following: inbound.readableBytes)
      case .broken:
        // Most likely no client of this protocol at all; PostgreSQL says nothing here either.
        close()
      case .incomplete, .skipped: return false
      }
    case .authenticating, .proving:
      switch inbound.next(maximum: StartupPacket.maximumBytes) {
      case .incomplete: return false
      case .message(let type, let body): takeAuthentication(type, body)
      case .skipped(let type, _): takeAuthentication(type, ByteBuffer())
      case .broken(let error): fail(error)
      }
    case .session:
      guard let session, !session.isBusy else { return false }
      if isStopping, !session.isAwaitingSync {
        fail(.stopping)
        return false
      }
      switch inbound.next(maximum: server.configuration.maximumMessageBytes) {
      case .incomplete: return false
      case .message(let type, let body): session.take(type, body)
      case .skipped(let type, let limit): session.takeSkipped(type, limit: limit)
      case .broken(let error): fail(error)
      }
    }
    return true
  }

  // MARK: Out

  /// Asks for what is written so far to be sent when the messages at hand are through.
  func setNeedsFlush() {
    needsFlush = true
  }

  /// Sends what is written so far.
  func flush() {
    needsFlush = false
    guard let context, output.buffer.readableBytes > 0 else { return }
    context.writeAndFlush(wrapOutboundOut(output.buffer), promise: nil)
    // The memory is used again, unless the channel could not send everything at once and still holds it.
    if output.buffer.capacity > 2 * Self.pieceBytes {
      output.buffer = ByteBuffer()
    } else {
      output.buffer.clear()
    }
  }

  /// Sends what is written so far, if it is enough for a piece of its own.
  ///
  /// - Returns: whether more may be written: false while the client does not take what was sent.
  func flushPiece() -> Bool {
    guard output.buffer.readableBytes >= Self.pieceBytes else { return true }
    flush()
    return context?.channel.isWritable ?? true
  }

  /// Says a last word and closes.
  func fail(_ error: WireError) {
    if case .closing = stage { return }
    var error = error
    error.severity = .fatal
    output.writeError(error)
    closeBehindOutput()
  }

  /// Closes once everything written has been sent, or after a while where the client takes nothing.
  func closeBehindOutput() {
    leave()
    guard let context else { return }
    let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
    let forced = context.eventLoop.scheduleTask(in: .seconds(2)) { bound.value.close(promise: nil) }
    let promise = context.eventLoop.makePromise(of: Void.self)
    promise.futureResult.assumeIsolated().whenComplete { _ in
      forced.cancel()
      context.close(promise: nil)
    }
    needsFlush = false
    context.writeAndFlush(wrapOutboundOut(output.buffer), promise: promise)
    output = MessageWriter()
  }

  func close() {
    leave()
    context?.close(promise: nil)
  }

  /// Nothing more is taken in; a call that runs is told that nobody waits for it.
  private func leave() {
    stage = .closing
    session?.abandonCall()
  }

  // MARK: Stop

  /// Ends the connection as soon as no call runs.
  func beginStop() {
    switch stage {
    case .session: process()
    case .startup, .authenticating, .proving: close()
    case .closing: break
    }
  }

  /// Cancels the call that runs, as its client asked on another connection.
  func cancelForClient() {
    session?.cancelCall(.client)
  }

  /// Cancels the call that still runs.
  func cancelForStop() {
    session?.cancelCall(.stop)
  }
}
