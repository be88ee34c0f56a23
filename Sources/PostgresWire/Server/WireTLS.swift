import Diagnostics
import NIOSSL

/// The files that encryption needs, both in PEM form.
public struct WireTLS: Hashable, Sendable {
  /// The server's certificate, and those that vouch for it behind it.
  public var certificateFile: String
  /// The certificate's private key.
  public var keyFile: String

  public init(certificateFile: String, keyFile: String) {
    self.certificateFile = certificateFile
    self.keyFile = keyFile
  }

  /// Reads the files.
  func makeContext() throws(SibylError) -> NIOSSLContext {
    do {
      let certificates = try NIOSSLCertificate.fromPEMFile(certificateFile)
      let key = try NIOSSLPrivateKey(file: keyFile, format: .pem)
      var configuration = TLSConfiguration.makeServerConfiguration(
        certificateChain: certificates.map { .certificate($0) }, privateKey: .privateKey(key))
      configuration.minimumTLSVersion = .tlsv12
      configuration.applicationProtocols = ["postgresql"]
      return try NIOSSLContext(configuration: configuration)
    } catch {
      throw SibylError(
        .corruptFile,
        "A certificate and its private key in PEM form are needed for TLS; \"\(certificateFile)\" and "
          + "\"\(keyFile)\" can't be used (\(error)). Check both files.")
    }
  }
}
