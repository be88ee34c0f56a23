/// What an encoder reads.
public enum EncoderInput: Sendable {
  case text(String)
  /// The tokens of a text, without the special ones that frame it, from a caller who had to count them anyway.
  case tokens([Int32])
}
