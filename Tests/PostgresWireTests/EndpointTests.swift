import Diagnostics
import Foundation
import PostgresWire
import Testing

/// Where a server may listen, and with what protection.
@Suite(.serialized)
struct EndpointTests {
  /// Short, since the path of a Unix socket is.
  private final class Folder {
    let path: String

    init() throws {
      path =
        FileManager.default.temporaryDirectory.appending(path: "wire-\(UUID().uuidString.prefix(8))").path
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    subscript(name: String) -> String { path + "/" + name }
    var names: [String] { ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted() }
  }

  /// The message with which a server refuses to start.
  private func refusal(_ change: (inout WireServerConfiguration) -> Void) -> String {
    do {
      let server = try TestServer(change)
      server.server.stop()
      return "started"
    } catch {
      return "\(error)"
    }
  }

  @Test("addresses that other machines can reach need encryption")
  func openAddress() {
    for host in ["0.0.0.0", "::"] {
      let message = refusal { $0.endpoints = [.tcp(host: host, port: 0)] }
      #expect(message.contains("Only loopback addresses and Unix sockets are served without encryption"))
      #expect(message.contains(host))
    }
    #expect(refusal { $0.endpoints = [] }.contains("none was given"))
    #expect(refusal { $0.endpoints = [.tcp(host: "127.0.0.1", port: 70_000)] }.contains("from 0 to 65535"))
    #expect(
      refusal { $0.endpoints = [.tcp(host: "no.such.host.invalid", port: 0)] }.contains("can't listen on"))
    #expect(refusal { $0.maximumConnections = 0 }.contains("must be positive"))
    #expect(refusal { $0.tls = WireTLS(certificateFile: "/none", keyFile: "/none") }.contains("\"/none\""))
  }

  @Test("a port that is taken is named; IPv6's loopback serves where there is one")
  func ports() throws {
    let server = try TestServer()
    defer { server.server.stop() }
    let port = server.port
    #expect(port > 0)
    #expect(refusal { $0.endpoints = [.tcp(host: "127.0.0.1", port: port)] }.contains("127.0.0.1:\(port)"))
    // One address that fails takes the others down with it: the free port stays free.
    #expect(
      refusal { $0.endpoints = [.tcp(host: "127.0.0.1", port: 0), .tcp(host: "127.0.0.1", port: port)] }
        .contains("\(port)"))
    let message = refusal { $0.endpoints = [.tcp(host: "::1", port: 0)] }
    #expect(message == "started" || message.contains("[::1]"))
  }

  @Test("a dead server's socket file is replaced, a living one's is not touched")
  func staleSocket() throws {
    let folder = try Folder()
    let path = folder["s"]
    let endpoint = WireEndpoint.unixSocket(path: path, mode: 0o600)
    // A socket that was bound and closed without removing its file, as a killed process leaves it.
    let dead = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    _ = fcntl(dead, F_SETFD, FD_CLOEXEC)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    let bound = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(dead, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    #expect(bound == 0)
    // Somebody else's server, which knows nothing of the lock.
    #expect(listen(dead, 1) == 0)
    #expect(refusal { $0.endpoints = [endpoint] }.contains("another server is using it"))
    #expect(folder.names == ["s"])
    close(dead)

    // A process that another test is just starting may hold the dead socket for a moment longer.
    var started: TestServer?
    #expect(
      eventually {
        started = try? TestServer { $0.endpoints = [endpoint] }
        return started != nil
      })
    let server = try #require(started)
    #expect(folder.names == ["s", "s.lock"])
    #expect(refusal { $0.endpoints = [endpoint] }.contains("another server is using it"))
    #expect(folder.names == ["s", "s.lock"])
    server.server.stop()
    #expect(folder.names == [])
  }

  @Test("files that are no sockets, paths that are too long, folders that are not there")
  func wrongPaths() throws {
    let folder = try Folder()
    try Data("keep me".utf8).write(to: URL(filePath: folder["file"]))
    #expect(
      refusal { $0.endpoints = [.unixSocket(path: folder["file"], mode: 0o600)] }.contains(
        "which is no socket"))
    #expect(try String(contentsOfFile: folder["file"], encoding: .utf8) == "keep me")
    let long = folder[String(repeating: "x", count: 120)]
    #expect(refusal { $0.endpoints = [.unixSocket(path: long, mode: 0o600)] }.contains("may have at most"))
    #expect(
      refusal { $0.endpoints = [.unixSocket(path: "/no/such/folder/s", mode: 0o600)] }.contains("lock file"))
    #expect(folder.names == ["file"])
    // A link at the lock's place is not followed.
    try FileManager.default.createSymbolicLink(atPath: folder["s.lock"], withDestinationPath: folder["file"])
    #expect(refusal { $0.endpoints = [.unixSocket(path: folder["s"], mode: 0o600)] }.contains("lock file"))
  }

  @Test("a file that another took over is not removed")
  func replacedFile() throws {
    let folder = try Folder()
    let server = try TestServer { $0.endpoints = [.unixSocket(path: folder["s"], mode: 0o600)] }
    try FileManager.default.removeItem(atPath: folder["s"])
    try Data().write(to: URL(filePath: folder["s"]))
    server.server.stop()
    #expect(folder.names == ["s"])
  }

  // MARK: TLS

  private static let openssl = ["/usr/bin/openssl", "/opt/homebrew/bin/openssl", "/usr/local/bin/openssl"]
    .first { FileManager.default.isExecutableFile(atPath: $0) }

  private static let canEncrypt: Bool = {
    if openssl == nil { print("SKIPPED: openssl is not installed, the test of TLS is left out") }
    return openssl != nil && Psql.isInstalled
  }()

  @Test("with a certificate, clients may encrypt, and from elsewhere must", .enabled(if: canEncrypt))
  func encryption() throws {
    let folder = try Folder()
    let openssl = try #require(Self.openssl)
    let command =
      "\(openssl) req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext "
      + "subjectAltName=DNS:localhost,IP:127.0.0.1 -keyout \(folder["key"]) "
      + "-out \(folder["certificate"]) 2>/dev/null"
    #expect(system(command) == 0)
    let tls = WireTLS(certificateFile: folder["certificate"], keyFile: folder["key"])
    // Port 0 on every address: reached through loopback here, but open to other machines.
    let server = try TestServer {
      $0.tls = tls
      $0.endpoints = [.tcp(host: "0.0.0.0", port: 0)]
    }
    defer { server.server.stop() }
    let environment = ["PGSSLMODE": "verify-full", "PGSSLROOTCERT": folder["certificate"]]
    let run = try Psql.run(
      "SELECT echo('\(String(repeating: "x", count: 100_000))')", "\\conninfo", port: server.port,
      environment: environment)
    #expect(run.output.hasPrefix(String(repeating: "x", count: 100_000)))
    #expect(run.output.contains("protocol: TLSv1.3"), "\(run.output.suffix(300)) \(run.errors)")
    let plain = try Psql.run("SELECT 1", port: server.port, environment: ["PGSSLMODE": "disable"])
    #expect(plain.errors.contains("connections from other machines must be encrypted"))

    // Something unencrypted behind the request for encryption is an attack or a fault.
    let client = try server.connect()
    client.send(RawClient.sslRequest + RawClient.startup([("user", "x")]))
    #expect(try client.message()?.fields["C"] == "08P01")
    // Garbage instead of a handshake harms nobody.
    let garbage = try server.connect()
    garbage.send(RawClient.sslRequest)
    #expect(try garbage.byte() == UInt8(ascii: "S"))
    garbage.send(RawClient.startup([("user", "x")]))
    #expect(eventually { server.server.sessionCount == 0 })

    // On loopback both ways are open.
    let local = try TestServer { $0.tls = tls }
    defer { local.server.stop() }
    let encrypted = try Psql.run("SELECT 1", port: local.port, environment: ["PGSSLMODE": "require"])
    #expect(encrypted.output == "1\n")
    let open = try Psql.run("SELECT 1", port: local.port, environment: ["PGSSLMODE": "disable"])
    #expect(open.output == "1\n")
  }
}
