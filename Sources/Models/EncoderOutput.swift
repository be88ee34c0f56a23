/// What an encoder tells of a text.
public enum EncoderOutput: Hashable, Sendable {
  /// The mean of the last layer's token vectors, L2-normalised: `dimensions` floats. What `ai_embed` gives.
  case sentenceEmbedding
  /// The same mean for every layer, each L2-normalised, first layer first: `layers · dimensions` floats.
  /// Classifier heads read it: earlier layers still know what the last one has pooled away.
  case layerPools
}
