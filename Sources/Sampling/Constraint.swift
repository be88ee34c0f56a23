import Diagnostics
import Tokenization

/// What an answer may be, for one vocabulary: one of some strings, or JSON that follows a schema.
///
/// Constraints work on bytes, so that every way to spell an answer in tokens is open to the model. A constraint
/// never changes after `init`; any number of sequences on any number of threads may follow one.
public final class Constraint: Sendable {
  let grammar: Grammar
  let vocabulary: ConstraintVocabulary
  let costs: ClosingCosts
  /// With at least this many tokens an answer can be finished, whatever the model does.
  public let leastTokens: Int

  public static let mostChoices = 1_000
  public static let longestChoice = 1_000

  init(_ grammar: Grammar, _ vocabulary: ConstraintVocabulary) throws(SibylError) {
    self.grammar = grammar
    self.vocabulary = vocabulary
    costs = try ClosingCosts(grammar, vocabulary.trie)
    leastTokens = Int(costs.cost(grammar.startState, grammar))
    guard leastTokens < ClosingCosts.tooLong else {
      throw SibylError(
        .invalidArgument, "the schema asks for more than any answer holds; lower its minItems and minLength")
    }
  }

  /// Answers that are one of some strings, byte by byte: behind a prompt that ends inside a line, such as
  /// "Label:", they begin with a space.
  ///
  /// - Throws: `invalidArgument` where there are none, or one is empty, too long or there twice.
  public convenience init(choices: [String], _ vocabulary: ConstraintVocabulary) throws(SibylError) {
    guard !choices.isEmpty, choices.count <= Self.mostChoices else {
      throw SibylError(
        .invalidArgument, "an answer must be one of 1 to \(Self.mostChoices) choices; got \(choices.count)")
    }
    var known: Set<[UInt8]> = []
    for choice in choices {
      guard !choice.isEmpty, choice.utf8.count <= Self.longestChoice else {
        throw SibylError(
          .invalidArgument,
          "a choice must have 1 to \(Self.longestChoice) bytes; one has \(choice.utf8.count)")
      }
      guard known.insert(Array(choice.utf8)).inserted else {
        throw SibylError(
          .invalidArgument, "the choice \"\(choice.prefix(40))\" is there twice; leave one out")
      }
    }
    var builder = GrammarBuilder()
    let end = builder.end()
    let start = builder.choice(choices.map { (Array($0.utf8), end) }, array: -1)
    guard !builder.isFull else {
      throw SibylError(.invalidArgument, "the choices are too long together; use fewer or shorter ones")
    }
    try self.init(builder.finish(start: start), vocabulary)
  }

  /// Answers that are JSON and follow a schema.
  ///
  /// - Throws: `invalidArgument` where the schema is too large, or asks for what cannot be told apart.
  public convenience init(_ schema: JSONSchema, _ vocabulary: ConstraintVocabulary) throws(SibylError) {
    try self.init(JSONSchemaCompiler.grammar(of: schema), vocabulary)
  }

  /// - Throws: `invalidArgument` where answers of so many tokens are too short, in words that follow the name of a
  ///   function's argument.
  public func check(maximumTokens: Int) throws(SibylError) {
    guard maximumTokens >= leastTokens else {
      throw SibylError(
        .invalidArgument,
        "must have at least \(leastTokens) as max_tokens, which the shortest answer may take; got \(maximumTokens)"
      )
    }
  }
}
