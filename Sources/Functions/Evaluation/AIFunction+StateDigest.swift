import Diagnostics
import Inference
import ModelFiles
import Tensor

extension AIFunction {
  /// A digest of everything beside the arguments that the function's answers depend on: its revision, the
  /// engine's, the models it may run on, its head. A cache outside this process names answers by it and by the
  /// arguments, and so never gives the answer of a model that was replaced.
  ///
  /// - Returns: 32 bytes.
  public func stateDigest() -> [UInt8] {
    var parts = [name, String(revision), InferenceEngine.revision]
    parts.append((try? Precision.preferred().rawValue) ?? "no precision")
    parts.append((try? fingerprint()) ?? "no head")
    if let fixed = model.fixedName {
      parts.append(Self.describe(fixed))
    } else {
      // Any model may be named in the call, so each of them counts.
      parts.append(Settings.shared.embeddingModel)
      parts.append(Settings.shared.generationModel)
      parts += ((try? ModelStore().list()) ?? []).map(\.name).sorted().map(Self.describe)
    }
    return Digest(of: parts.joined(separator: "\n").utf8).bytes
  }

  private static func describe(_ model: String) -> String {
    let digest = try? ModelSelection.model(named: model).digest.hexadecimal
    return "\(model) \(digest ?? "not installed")"
  }
}
