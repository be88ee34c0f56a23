import Diagnostics

/// A scalar function, declared once.
///
/// Each one lives in a file of its own in `Catalogue/`. Everything else is derived from the declaration: the
/// registration in SQLite, the argument checks and their wording, the reference table in the README, the
/// rows of `ai_functions()`, the cache keys and the tests of the examples. To add a function, add a file and
/// run `scripts/generate-catalogue.sh`.
public struct AIFunction: CatalogueEntry {
  /// Computes a batch of calls; a scalar call is a batch of one.
  ///
  /// The calls of a batch share the model and every JSON argument. One result a call, in order; a fault that
  /// befalls the whole batch is thrown.
  package typealias Implementation =
    @Sendable (CallContext, [Arguments]) throws(SibylError) -> [Result<Value, SibylError>]

  /// Looks at many calls before they are computed in smaller batches: what they share can be learnt from all of them.
  /// The calls share the model and every JSON argument.
  package typealias Preparation = @Sendable (CallContext, [Arguments]) throws(SibylError) -> Void

  public let name: String
  public let aliases: [String]
  public let summary: String
  public let details: String
  public let parameters: [Parameter]
  public let returns: ValueType
  public let examples: [Example]
  public let volatility: Volatility
  /// Whether answers are kept in the result cache. Worth it where computing takes a model.
  public let isCached: Bool
  /// Part of the cache key: raise it when the same arguments and the same model give another answer.
  public let revision: Int
  /// Whether the function works through the database session around it (`FunctionHost`), so that each face
  /// offers it in a form of its own.
  public let belongsToSession: Bool
  /// What it needs of the database; nil where it needs nothing, or is written for each face by hand.
  public let session: SessionUse?
  public let isInPostgres: Bool
  /// Which model a call runs on.
  let model: ModelUse
  /// Further state that answers depend on, as part of the cache key: the digest of a trained head.
  let fingerprint: @Sendable () throws(SibylError) -> String
  /// The name that cache keys hold. Functions that tell the same computation in different words share it, so
  /// that the model runs once for all of them.
  let cacheName: String
  /// Turns what `implementation` computed, and the cache keeps, into the answer.
  let finish: @Sendable (Value) -> Value
  /// The probability of being right that a computed answer carries; nil where the function knows none.
  let confidence: (@Sendable (Value) -> Double?)?
  let prepare: Preparation?
  /// How a text is answered whose right label a user has told; nil where nobody can.
  let correction: Correction?
  let implementation: Implementation

  public var returnDescription: String { returns.rawValue }
  public var kind: String { "scalar" }
  /// Which parameter names the classifier that a call asks; nil where it asks none.
  public var classifierPosition: Int? { model.classifierPosition }
  /// Which parameter is the text that a call is about.
  public var textPosition: Int { parameters.firstIndex { !$0.namesModel } ?? 0 }

  package init(
    name: String, aliases: [String] = [], summary: String, details: String = "",
    parameters: [Parameter] = [], returns: ValueType, examples: [Example] = [],
    volatility: Volatility = .immutable, isCached: Bool = false, revision: Int = 1,
    belongsToSession: Bool = false, session: SessionUse? = nil, isInPostgres: Bool = true,
    model: ModelUse = .none,
    fingerprint: @escaping @Sendable () throws(SibylError) -> String = { () throws(SibylError) in "" },
    cacheName: String? = nil, prepare: Preparation? = nil,
    finish: @escaping @Sendable (Value) -> Value = { $0 },
    confidence: (@Sendable (Value) -> Double?)? = nil, correction: Correction? = nil,
    implementation: @escaping Implementation
  ) {
    self.name = name
    self.aliases = aliases
    self.summary = summary
    self.details = details
    self.parameters = parameters
    self.returns = returns
    self.examples = examples
    self.volatility = volatility
    self.isCached = isCached
    self.revision = revision
    self.belongsToSession = belongsToSession || session != nil
    self.session = session
    self.isInPostgres = isInPostgres
    self.model = model
    self.fingerprint = fingerprint
    self.cacheName = cacheName ?? name
    self.finish = finish
    self.confidence = confidence
    self.prepare = prepare
    self.correction = correction
    self.implementation = implementation
  }

  /// A function whose calls have nothing to gain from each other: one closure a call.
  package init(
    name: String, aliases: [String] = [], summary: String, details: String = "",
    parameters: [Parameter] = [], returns: ValueType, examples: [Example] = [],
    volatility: Volatility = .immutable, revision: Int = 1, belongsToSession: Bool = false,
    session: SessionUse? = nil, isInPostgres: Bool = true, model: ModelUse = .none,
    eachCall: @escaping @Sendable (CallContext, Arguments) throws(SibylError) -> Value
  ) {
    self.init(
      name: name, aliases: aliases, summary: summary, details: details, parameters: parameters,
      returns: returns, examples: examples, volatility: volatility, revision: revision,
      belongsToSession: belongsToSession, session: session,
      isInPostgres: isInPostgres, model: model
    ) { context, calls in
      calls.map { call in
        do throws(SibylError) {
          return .success(try eachCall(context, call))
        } catch {
          return .failure(error)
        }
      }
    }
  }
}
