import Logging
import NIOSSL

/// What all connections of a server share. Immutable, or safe for every thread.
struct ServerContext: Sendable {
  let configuration: WireServerConfiguration
  let service: any WireService
  let users: UserDirectory
  let registry: ConnectionRegistry
  let tls: NIOSSLContext?
  let logger: Logger
}
