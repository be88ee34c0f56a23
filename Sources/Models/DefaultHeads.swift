import CResources
import Diagnostics

/// The heads that Sibyl ships, compiled into the library (module CResources).
public enum DefaultHeads {
  /// Negative, neutral or positive, from all layers of all-MiniLM-L6-v2. Made by `sibyl train sentiment`.
  ///
  /// - Throws: when the build holds something else than a head.
  public static func sentiment() throws(SibylError) -> SentimentHead { try sentimentHead.get() }

  private static let sentimentHead: Result<SentimentHead, SibylError> = {
    let bytes = UnsafeRawBufferPointer(
      start: sibyl_sentiment_head(), count: Int(sibyl_sentiment_head_size()))
    do throws(SibylError) { return .success(try SentimentHead(HeadFile(bytes: bytes))) } catch {
      return .failure(error)
    }
  }()
}
