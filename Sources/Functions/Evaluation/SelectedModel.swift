import ModelFiles

/// An installed model and its digest, which is a hash over the manifest and so worth keeping. A reference,
/// because every call carries one.
package final class SelectedModel: Sendable {
  package let installed: InstalledModel
  package let digest: Digest

  init(_ installed: InstalledModel) {
    self.installed = installed
    digest = installed.digest
  }
}
