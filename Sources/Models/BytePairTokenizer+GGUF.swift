import Diagnostics
import ModelFiles
import Tokenization

extension BytePairTokenizer {
  /// The tokenizer that a GGUF file describes in its metadata (`tokenizer.ggml.…`).
  ///
  /// - Throws: `corruptFile` where the description is missing, damaged or of a kind that Sibyl lacks.
  public convenience init(_ file: GGUFFile) throws(SibylError) {
    let tokens = try Self.strings(file.texts("tokenizer.ggml.tokens"), file)
    let model = try file.text("tokenizer.ggml.model")
    var vocabulary: BytePairVocabulary
    switch model {
    case "gpt2":
      let family = try Self.preTokenizer(of: file)
      let merges = try Self.strings(file.texts("tokenizer.ggml.merges"), file)
      vocabulary = BytePairVocabulary(
        scheme: .byteLevel(family.preTokenizer, merges: merges), tokens: tokens, kinds: [])
      vocabulary.prefersWholeWords = family.isLlama3
      vocabulary.addsBeginning = family.isLlama3
    case "llama":
      let scores = try file.floats("tokenizer.ggml.scores")
      vocabulary = BytePairVocabulary(
        scheme: .sentencePiece(scores: scores), tokens: tokens, kinds: [])
      vocabulary.addsBeginning = true
      vocabulary.addsSpacePrefix = try file.booleanIfPresent("tokenizer.ggml.add_space_prefix") ?? true
      // What SentencePiece itself puts first.
      if tokens.count > 2 {
        vocabulary.unknownID = 0
        vocabulary.beginningID = 1
        vocabulary.endID = 2
      }
    default:
      throw SibylError(
        .corruptFile,
        "\(file.path) has a tokenizer of the kind \"\(model.prefix(40))\"; supported are byte-level BPE (gpt2) "
          + "and SentencePiece BPE (llama)")
    }
    if let kinds = try file.integersIfPresent("tokenizer.ggml.token_type") {
      vocabulary.kinds = kinds.map { UInt8(exactly: $0).flatMap(TokenKind.init(rawValue:)) ?? .undefined }
    }
    func identifier(_ name: String) throws(SibylError) -> Int32? {
      guard let id = try file.integerIfPresent("tokenizer.ggml.\(name)_token_id") else { return nil }
      // A number too large for an identifier is refused with the others that are outside the vocabulary.
      return Int32(exactly: id) ?? .max
    }
    vocabulary.beginningID = try identifier("bos") ?? vocabulary.beginningID
    vocabulary.endID = try identifier("eos") ?? vocabulary.endID
    vocabulary.unknownID = try identifier("unknown") ?? vocabulary.unknownID
    vocabulary.paddingID = try identifier("padding")
    vocabulary.otherEndIDs = try [identifier("eot"), identifier("eom")].compactMap(\.self)
    vocabulary.addsBeginning =
      try file.booleanIfPresent("tokenizer.ggml.add_bos_token") ?? vocabulary.addsBeginning
    try self.init(vocabulary, source: file.path)
  }

  private static func strings(_ texts: GGUFTexts, _ file: GGUFFile) throws(SibylError) -> ByteStrings {
    guard let strings = ByteStrings(bytes: texts.bytes, starts: texts.starts, lengths: texts.lengths) else {
      throw SibylError(.internalFault, "a text of \(file.path) lies outside its header")
    }
    return strings
  }

  /// Llama 3 and its kin take whole words where they are tokens, and begin every text with a token, unless the
  /// file says otherwise.
  private static func preTokenizer(
    of file: GGUFFile
  ) throws(SibylError) -> (preTokenizer: PreTokenizer, isLlama3: Bool) {
    guard let name = try file.textIfPresent("tokenizer.ggml.pre"), name != "default" else {
      throw SibylError(
        .corruptFile,
        "\(file.path) does not say how its tokenizer splits text (tokenizer.ggml.pre); it was converted by an "
          + "old program: get a newer conversion of the model")
    }
    guard let preTokenizer = PreTokenizer(ggufName: name) else {
      let names = PreTokenizer.allCases.map(\.rawValue).joined(separator: ", ")
      throw SibylError(
        .corruptFile,
        "\(file.path) has a tokenizer that splits text as \"\(name.prefix(40))\" does; supported are \(names) "
          + "and those that split as these do")
    }
    let isLlama3 = preTokenizer == .llama3 && name != "dbrx" && name != "smaug-bpe"
    return (preTokenizer, isLlama3)
  }
}
