import CResources
import Diagnostics
import ModelFiles

/// The classifiers that Sibyl ships, compiled into the library (module CResources), all for all-MiniLM-L6-v2. They were
/// made by `sibyl train`.
public enum BundledClassifier: CaseIterable, Sendable {
  /// Negative, neutral or positive: a change of the encoder and a head over the changed encoder's layers.
  case sentiment
  /// Anger, joy, optimism or sadness: a head over the plain encoder's layers.
  case emotion

  /// What a classifier consists of.
  public struct Content: Sendable {
    public let head: SoftmaxRegression
    /// Nil where the head reads the plain encoder.
    public let change: LowRankAdapter?
    /// How it was made and how well it did.
    public let recipe: String
  }

  /// Of the file's bytes: answers of another file are other answers.
  public var digest: Digest {
    switch self {
    case .sentiment: Self.sentimentDigest
    case .emotion: Self.emotionDigest
    }
  }

  private static let sentimentDigest = Digest(of: sentiment.bytes)
  private static let emotionDigest = Digest(of: emotion.bytes)

  /// Reads the file.
  ///
  /// - Parameter model: the encoder that texts will be read with.
  /// - Throws: `.corruptFile` when this is another encoder than it was trained with, or the build holds something else
  ///   than such a file.
  public func content(for model: InstalledModel) throws(SibylError) -> Content {
    switch self {
    case .sentiment:
      let file: AdapterFile
      do throws(SibylError) {
        file = try AdapterFile(
          SafetensorsFile(bytes: Array(bytes), name: "the built-in \(self) classifier"),
          configuration: EncoderModel.configuration(of: model), encoder: model.digest)
      } catch {
        throw error.kind == .invalidArgument ? otherEncoder(model) : error
      }
      return Content(head: file.head, change: file.adapter, recipe: file.recipe)
    case .emotion:
      let file = try HeadFile(bytes: bytes)
      guard file.encoder == model.digest.hexadecimal else { throw otherEncoder(model) }
      return Content(head: file.regression, change: nil, recipe: file.recipe)
    }
  }

  private func otherEncoder(_ model: InstalledModel) -> SibylError {
    SibylError(
      .corruptFile,
      "the \(self) classifier reads another model than the installed \"\(model.name)\"; "
        + "run: sibyl models pull \(model.name) --force")
  }

  private var bytes: UnsafeRawBufferPointer {
    switch self {
    case .sentiment:
      UnsafeRawBufferPointer(start: sibyl_sentiment_adapter(), count: Int(sibyl_sentiment_adapter_size()))
    case .emotion:
      UnsafeRawBufferPointer(start: sibyl_emotion_head(), count: Int(sibyl_emotion_head_size()))
    }
  }
}
