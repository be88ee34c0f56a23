import Diagnostics
import Inference
import ModelFiles
import Models
import RemoteModels
import Tokenization

/// What a function's implementation may use beside its arguments.
package struct CallContext {
  /// The function that is called.
  package let entry: any CatalogueEntry
  /// The database session that the call came from.
  package let host: any FunctionHost
  /// The model that the batch runs on; nil for functions that use none.
  package let model: SelectedModel?
  /// The classifier that the batch asks; nil for functions that ask none.
  package var classifier: Classifier?
  package let evaluator: Evaluator

  /// The sentence embeddings of texts, through the cache that `ai_embed` uses: a text that was embedded for
  /// one query is not embedded again for the next.
  func embeddings(of texts: [String]) throws(SibylError) -> [Embedding] {
    guard let model else { throw modelFault }
    let keyMaker = try KeyMaker(.embed, modelDigest: model.digest, fingerprint: "")
    let calls = texts.map { text in
      let arguments = Arguments(values: [.text(text), .null])
      return PreparedCall(
        arguments: arguments, model: model, key: keyMaker.key(of: arguments, for: .embed))
    }
    var embeddings: [Embedding] = []
    embeddings.reserveCapacity(calls.count)
    for answer in evaluator.answer(.embed, calls, host: host) {
      guard case .blob(let bytes) = try answer.get() else { break }
      embeddings.append(try Embedding(blob: bytes))
    }
    guard embeddings.count == texts.count else {
      throw SibylError(.internalFault, "an embedding is missing; please report this defect")
    }
    return embeddings
  }

  /// The sentence embeddings of texts as the rows of a matrix, as heads are fitted to them.
  func features(of texts: [String]) throws(SibylError) -> FeatureMatrix {
    let embeddings = try embeddings(of: texts)
    return try FeatureMatrix(
      columnCount: embeddings.first?.values.count ?? 0, values: embeddings.flatMap(\.values))
  }

  /// The vectors of texts by the batch's model; ends early where the caller gave up.
  func encode(_ texts: [String], _ output: EncoderOutput) throws(SibylError) -> EncodedBatch {
    let installed = try requireModel()
    if installed.isRemote { return try embedElsewhere(texts, output, installed) }
    return try InferenceEngine.shared.encode(
      texts, model: installed, output: output, isCancelled: host.isCancelled)
  }

  /// Sentence embeddings of texts by a server's model, at length 1 as all of ours are.
  private func embedElsewhere(
    _ texts: [String], _ output: EncoderOutput, _ installed: InstalledModel
  ) throws(SibylError) -> EncodedBatch {
    guard installed.manifest.kind == .encoder else {
      throw SibylError(
        .invalidArgument,
        "the model \"\(installed.name)\" is registered to write; register one that embeds with --embeddings")
    }
    guard output == .sentenceEmbedding else {
      throw SibylError(
        .invalidArgument,
        "this needs an encoder on this machine; \"\(installed.name)\" is on a server, which gives embeddings only"
      )
    }
    let vectors = try ServerClient(installed.server()).embeddings(of: texts, isCancelled: host.isCancelled)
    var values: [Float] = []
    for vector in vectors {
      let length = vector.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
      values += length > 0 ? vector.map { Float(Double($0) / length) } : vector
    }
    return EncodedBatch(count: texts.count, dimensions: vectors.first?.count ?? 0, values: values)
  }

  /// The tokenizer of the batch's model.
  func tokenizer() throws(SibylError) -> WordPieceTokenizer {
    let installed = try requireModel()
    guard !installed.isRemote else {
      throw SibylError(
        .invalidArgument,
        "this needs a model on this machine; \"\(installed.name)\" is on a server, which does not show its tokens"
      )
    }
    return try InferenceEngine.shared.tokenizer(for: installed)
  }

  /// The fault of an argument that only the implementation can see:
  /// `ai_chunk: argument 2 (max_tokens) must be a whole number of at least 1; got 0`.
  package func argumentError(_ position: Int, _ fault: String) -> SibylError {
    entry.argumentError(position, fault)
  }

  /// Tells a fault of an argument that shows while something is done with it.
  func told<Result>(
    of position: Int, _ body: () throws(SibylError) -> Result
  ) throws(SibylError) -> Result {
    do throws(SibylError) {
      return try body()
    } catch {
      guard error.kind == .invalidArgument, !error.message.hasPrefix(entry.name) else { throw error }
      throw argumentError(position, error.message)
    }
  }

  /// The model of a function that declares one.
  package func requireModel() throws(SibylError) -> InstalledModel {
    guard let model else { throw modelFault }
    return model.installed
  }

  /// The classifier of a function whose declaration says that it asks one.
  func requireClassifier() throws(SibylError) -> Classifier {
    guard let classifier else {
      throw SibylError(
        .internalFault, "the function asks for a classifier that its declaration does not name")
    }
    return classifier
  }

  private var modelFault: SibylError {
    SibylError(.internalFault, "the function asks for a model that its declaration does not name")
  }
}
