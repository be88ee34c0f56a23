/// How a byte-level BPE tokenizer splits text into words before it merges bytes: one of the regular
/// expressions that published models were trained with. No token reaches over the end of a word.
public enum PreTokenizer: String, Hashable, Sendable, CaseIterable {
  /// `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+` (Radford et al. 2019).
  case gpt2 = "gpt-2"
  /// As `gpt2`, after every number scalar was split off: SmolLM, SmolLM2, StarCoder.
  case smolLM = "smollm"
  /// `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+
  /// |\s+(?!\S)|\s+`: Llama 3.
  case llama3 = "llama-bpe"
  /// As `llama3`, with numbers one scalar at a time: Qwen2, Qwen2.5, Qwen3.
  case qwen2 = "qwen2"

  /// The pre-tokeniser that GGUF files call so (`tokenizer.ggml.pre`); nil for those that Sibyl lacks.
  public init?(ggufName name: String) {
    switch name {
    case "gpt-2", "phi-2", "mpt", "olmo", "jais", "exaone4", "trillion", "granite-docling", "gigachat",
      "a.x-4.0", "mellum":
      self = .gpt2
    case "smollm", "starcoder", "refact", "command-r", "codeshell", "exaone", "minerva-7b", "mellum2":
      self = .smolLM
    case "llama-bpe", "llama3", "llama-v3", "falcon3", "falcon-h1", "pixtral", "midm-2.0", "lfm2", "dbrx",
      "smaug-bpe":
      self = .llama3
    case "qwen2", "deepseek-r1-qwen", "kormo", "megrez", "stablelm2", "hunyuan", "solar-open":
      self = .qwen2
    default:
      return nil
    }
  }
}
