import NIOCore
import NIOSSL

/// Start-up and authentication (PostgreSQL documentation, "Start-up" and "SASL Authentication").
extension ConnectionHandler {
  /// - Parameter following: bytes that came behind the packet.
  func takeStartupPacket(_ body: ByteBuffer, following: Int) {
    let packet: StartupPacket
    do throws(WireError) {
      packet = try StartupPacket(body: body)
    } catch {
      return fail(error)
    }
    switch packet {
    case .sslRequest: answerEncryptionRequest(following: following)
    case .gssEncryptionRequest:
      output.buffer.writeInteger(UInt8(ascii: "N"))
      setNeedsFlush()
    case .cancelRequest(let process, let secret):
      // Nothing is ever answered, so that nobody learns whether the key was right.
      server.registry.session(process, secret: secret)?.execute { $0.cancelForClient() }
      close()
    case .startup(let message): take(message)
    }
  }

  private func answerEncryptionRequest(following: Int) {
    guard let tls = server.tls, !isEncrypted, let context else {
      output.buffer.writeInteger(UInt8(ascii: "N"))
      return setNeedsFlush()
    }
    // What was sent unencrypted behind the request could have been put there by somebody else.
    guard following == 0 else {
      return fail(
        WireError(.protocolViolation, "received unencrypted data after SSL request", severity: .fatal))
    }
    output.buffer.writeInteger(UInt8(ascii: "S"))
    flush()
    isEncrypted = true
    do {
      try context.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: tls), position: .first)
    } catch {
      server.logger.error("TLS could not be started", metadata: ["error": "\(error)"])
      close()
    }
  }

  private func take(_ message: StartupMessage) {
    if message.minorVersion > 0 || !message.protocolOptions.isEmpty {
      output.writeNegotiateProtocolVersion(
        StartupPacket.currentVersion, unknownOptions: message.protocolOptions)
    }
    guard isLocal || isEncrypted else {
      return fail(
        WireError(
          .invalidAuthorization, "connections from other machines must be encrypted",
          hint: "Connect with sslmode=require.", severity: .fatal))
    }
    guard server.registry.admit() else {
      return fail(WireError(.tooManyConnections, "sorry, too many clients already", severity: .fatal))
    }
    isAdmitted = true
    output.writeMechanisms([SCRAMExchange.mechanism])
    setNeedsFlush()
    stage = .authenticating(message)
  }

  func takeAuthentication(_ type: UInt8, _ body: ByteBuffer) {
    guard type == UInt8(ascii: "p") else {
      return fail(
        WireError(
          .protocolViolation, "expected SASL response, got message type \(type)", severity: .fatal))
    }
    do throws(WireError) {
      switch stage {
      case .authenticating(let message): try challenge(message, body)
      case .proving(let message, let exchange): try finish(message, exchange, body)
      case .startup, .session, .closing: break
      }
    } catch {
      fail(error)
    }
  }

  private func challenge(_ message: StartupMessage, _ body: ByteBuffer) throws(WireError) {
    var reader = MessageReader(body)
    let mechanism = try reader.readString()
    guard mechanism == SCRAMExchange.mechanism else {
      throw WireError(
        .protocolViolation,
        "client selected an invalid SASL authentication mechanism; \(SCRAMExchange.mechanism) is offered",
        severity: .fatal)
    }
    let length: Int32 = try reader.readInteger()
    let first = try reader.readBytes(Int(length)).validatedString()
    try reader.finish()
    var exchange = server.users.exchange(for: message.user)
    let challenge = try exchange.begin(first)
    output.writeAuthentication(11, challenge.utf8)
    setNeedsFlush()
    stage = .proving(message, exchange)
  }

  private func finish(
    _ message: StartupMessage, _ exchange: SCRAMExchange, _ body: ByteBuffer
  ) throws(WireError) {
    guard let final = try exchange.finish(try body.validatedString()) else {
      server.logger.debug("authentication failed", metadata: ["user": "\(message.user)"])
      throw WireError(
        .invalidPassword, "password authentication failed for user \"\(message.user)\"", severity: .fatal)
    }
    var settings = SessionSettings(user: message.user, serverVersion: server.configuration.serverVersion)
    for setting in message.settings { _ = try settings.set(setting.name, to: setting.value) }
    settings.becomeDefaults()

    output.writeAuthentication(12, final.utf8)
    output.writeAuthentication(0, EmptyCollection())
    for setting in settings.reported { output.writeParameterStatus(setting.name, setting.value) }
    let (id, secret) = server.registry.startSession(of: self)
    output.writeBackendKeyData(process: id, secret: secret)
    output.writeReadyForQuery(.idle)
    setNeedsFlush()

    let identity = WireSession(
      id: id, user: message.user, database: message.database,
      applicationName: settings["application_name"] ?? "")
    server.logger.debug(
      "session started", metadata: ["session": "\(id)", "user": "\(message.user)"])
    begin(ClientSession(identity: identity, settings: settings, connection: self, server: server))
    server.service.sessionStarted(identity)
  }
}
