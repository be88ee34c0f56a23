import Diagnostics
import NIOCore
import NIOPosix

/// One place where a server listens.
///
/// Sendable: started and stopped by the server's owner, on any thread but an event loop's.
struct Listener: Sendable {
  /// Where it listens, with the real port.
  let endpoint: WireEndpoint
  private let channel: any Channel
  private let socketFile: SocketFile?

  /// Connections that may wait to be accepted.
  private static let backlog = 256

  static func start(
    _ endpoint: WireEndpoint, context: ServerContext, group: MultiThreadedEventLoopGroup
  ) throws(SibylError) -> Listener {
    switch endpoint {
    case .tcp(let host, let port): return try startTCP(host, port, context, group)
    case .unixSocket(let path, let mode):
      let file = try SocketFile.bind(path: path, mode: mode)
      do {
        let channel = try bootstrap(context, group, isLocal: true, isTCP: false)
          .withBoundSocket(file.descriptor).wait()
        return Listener(endpoint: endpoint, channel: channel, socketFile: file)
      } catch {
        file.remove()
        throw refusal(endpoint, error)
      }
    }
  }

  private static func startTCP(
    _ host: String, _ port: Int, _ context: ServerContext, _ group: MultiThreadedEventLoopGroup
  ) throws(SibylError) -> Listener {
    let endpoint = WireEndpoint.tcp(host: host, port: port)
    guard (0...65_535).contains(port) else {
      throw SibylError(.invalidArgument, "A port must be from 0 to 65535; \(port) was given.")
    }
    do {
      let address = try SocketAddress.makeAddressResolvingHost(host, port: port)
      guard address.isLoopback || context.tls != nil else {
        throw SibylError(
          .invalidArgument,
          "Only loopback addresses and Unix sockets are served without encryption; to listen on \(endpoint), "
            + "give a certificate and its key, or listen on 127.0.0.1 instead.")
      }
      let channel = try bootstrap(context, group, isLocal: address.isLoopback, isTCP: true)
        .bind(to: address).wait()
      let bound = channel.localAddress?.port ?? port
      return Listener(endpoint: .tcp(host: host, port: bound), channel: channel, socketFile: nil)
    } catch let error as SibylError {
      throw error
    } catch {
      throw refusal(endpoint, error)
    }
  }

  private static func refusal(_ endpoint: WireEndpoint, _ error: any Error) -> SibylError {
    SibylError(
      .unavailable,
      "The server can't listen on \(endpoint) (\(error)); choose another address, or stop what uses it.")
  }

  private static func bootstrap(
    _ context: ServerContext, _ group: MultiThreadedEventLoopGroup, isLocal: Bool, isTCP: Bool
  ) -> ServerBootstrap {
    var bootstrap = ServerBootstrap(group: group)
      .serverChannelOption(.backlog, value: Int32(backlog))
      .serverChannelInitializer { channel in
        // Where the process has no file descriptors left, accepting rests for a second.
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(AcceptBackoffHandler())
        }
      }
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(
            ConnectionHandler(server: context, isLocal: isLocal))
        }
      }
      .childChannelOption(
        .writeBufferWaterMark,
        value: .init(low: ConnectionHandler.pieceBytes, high: 4 * ConnectionHandler.pieceBytes))
    if isTCP {
      bootstrap =
        bootstrap
        .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
        .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
        .childChannelOption(.socketOption(.so_keepalive), value: 1)
    }
    return bootstrap
  }

  /// Takes no more connections, and removes a Unix socket's file.
  func stop() {
    try? channel.close().wait()
    socketFile?.remove()
  }
}

extension SocketAddress {
  /// Whether only this machine can reach the address.
  fileprivate var isLoopback: Bool {
    switch self {
    case .v4(let address): UInt32(bigEndian: address.address.sin_addr.s_addr) >> 24 == 127
    case .v6(let address):
      withUnsafeBytes(of: address.address.sin6_addr) { bytes in
        let isMapped =
          bytes.prefix(10).allSatisfy { $0 == 0 } && bytes[10] == 0xFF && bytes[11] == 0xFF
          && bytes[12] == 127
        return isMapped || (bytes.prefix(15).allSatisfy { $0 == 0 } && bytes[15] == 1)
      }
    case .unixDomainSocket: true
    }
  }
}
