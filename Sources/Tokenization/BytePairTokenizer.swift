import Diagnostics

/// The tokenizer of a decoder: byte-level BPE (Radford et al. 2019) as in GPT-2, SmolLM2, Llama 3 and Qwen, or
/// SentencePiece BPE (Kudo and Richardson 2018) as in Llama 2 and Mistral, with llama.cpp's answers.
///
/// What a user writes can never become a control token: `encode` treats `<|im_end|>` in a text as the ten
/// letters that it is, unless `parsesControlTokens` asks otherwise.
///
/// A tokenizer never changes after `init`, so any number of threads may use one.
public final class BytePairTokenizer: Sendable {
  /// The token that begins a text (`bos`), where there is one.
  public let beginningID: Int32?
  /// The token that ends an answer (`eos`), where there is one.
  public let endID: Int32?
  public let unknownID: Int32?
  public let paddingID: Int32?
  /// Whether a prompt begins with `beginningID`; `encode` never puts it there.
  public let addsBeginning: Bool
  /// All tokens that end an answer or a turn: generation stops at any of them. Sorted.
  public let endIDs: [Int32]
  /// How words are found; nil for SentencePiece.
  let preTokenizer: PreTokenizer?
  let addsSpacePrefix: Bool
  let prefersWholeWords: Bool
  let table: BytePairTable
  private let controlTokens: [String: Int32]
  /// Tokens that are found in every text, and those that are found where control tokens are parsed.
  let alwaysFound: TokenFinder
  let foundOnDemand: TokenFinder

  /// - Parameters:
  ///   - vocabulary: what the model's file says.
  ///   - source: the file's name for error messages.
  /// - Throws: `corruptFile` where the parts do not fit each other.
  public init(_ vocabulary: BytePairVocabulary, source: String) throws(SibylError) {
    let count = vocabulary.tokens.count
    guard count > 0, count <= Self.maximumTokenCount else {
      throw SibylError(
        .corruptFile,
        "\(source) has a vocabulary of \(count) tokens, where 1 to \(Self.maximumTokenCount) are expected")
    }
    guard vocabulary.kinds.isEmpty || vocabulary.kinds.count == count else {
      throw SibylError(
        .corruptFile, "\(source) has \(count) tokens, but the types of \(vocabulary.kinds.count)")
    }
    var ends = vocabulary.otherEndIDs
    if let id = vocabulary.endID { ends.append(id) }
    for id in ends + [vocabulary.beginningID, vocabulary.unknownID, vocabulary.paddingID].compactMap(\.self)
    where id < 0 || Int(id) >= count {
      throw SibylError(
        .corruptFile, "\(source) names the token \(id), where its vocabulary has \(count); get the model anew"
      )
    }

    var kinds = vocabulary.kinds
    if kinds.isEmpty { kinds = [TokenKind](repeating: .normal, count: count) }
    for id in ends + [vocabulary.beginningID].compactMap(\.self) where kinds[Int(id)] != .unknown {
      kinds[Int(id)] = .control
    }
    var controlTokens: [String: Int32] = [:]
    var always: [(bytes: [UInt8], id: Int32)] = []
    var onDemand: [(bytes: [UInt8], id: Int32)] = []
    for index in 0..<count {
      let token = vocabulary.tokens[index]
      // Some files call every token a piece of text.
      if kinds[index] == .normal, Self.looksLikeControl(token) { kinds[index] = .control }
      guard kinds[index] == .control || kinds[index] == .userDefined || kinds[index] == .unknown else {
        continue
      }
      let id = Int32(truncatingIfNeeded: index)
      let name = String(decoding: token, as: UTF8.self)
      if controlTokens[name] == nil { controlTokens[name] = id }
      if ControlNames.endsTurn(name), kinds[index] == .control { ends.append(id) }
      onDemand.append((Array(token), id))
      if kinds[index] == .userDefined { always.append((Array(token), id)) }
    }
    self.controlTokens = controlTokens
    alwaysFound = TokenFinder(always)
    foundOnDemand = TokenFinder(onDemand)
    table = try BytePairTable(vocabulary, kinds: kinds, source: source)
    if case .byteLevel(let family, _) = vocabulary.scheme {
      preTokenizer = family
    } else {
      preTokenizer = nil
    }
    beginningID = vocabulary.beginningID
    endID = vocabulary.endID
    unknownID = vocabulary.unknownID
    paddingID = vocabulary.paddingID
    addsBeginning = vocabulary.addsBeginning && vocabulary.beginningID != nil
    addsSpacePrefix = vocabulary.addsSpacePrefix
    prefersWholeWords = vocabulary.prefersWholeWords
    endIDs = Set(ends).sorted()
  }

  /// Several times the largest vocabularies, which have 262,144.
  private static let maximumTokenCount = 1 << 22

  private static func looksLikeControl(_ token: ArraySlice<UInt8>) -> Bool {
    guard let first = token.first, first == UInt8(ascii: "<"), token.count <= 32 else { return false }
    return ControlNames.contains(String(decoding: token, as: UTF8.self))
  }

  /// The number of tokens: identifiers are below it.
  public var vocabularySize: Int { table.tokenCount }

  /// What the vocabulary says about a token; nil for an identifier outside it.
  public func kind(of id: Int32) -> TokenKind? {
    table.kinds.indices.contains(Int(id)) ? table.kinds[Int(id)] : nil
  }

  /// The control or user-defined token of that spelling, such as `<|im_start|>`.
  public func controlToken(_ name: String) -> Int32? { controlTokens[name] }

  /// Whether generation stops at the token.
  public func isEnd(_ id: Int32) -> Bool { endIDs.contains(id) }

  /// The bytes that a token stands for, which need not be UTF-8 on their own; those of a control token are its
  /// name. Empty for an identifier outside the vocabulary.
  public func bytes(of id: Int32) -> ArraySlice<UInt8> {
    guard id >= 0, Int(id) < table.tokenCount else { return [] }
    return table.symbols[Int(id)]
  }
}
