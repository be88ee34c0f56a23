import Diagnostics
import Inference
import JSON
import Models
import ResultCache
import Tensor

/// Answers texts with a small model where it is sure to say what a large one would, and with the large one elsewhere.
///
/// The small model is the batch's encoder with a head that has learnt the large model's ways from the texts that
/// the large one had to answer anyway (`MimicHead`). How sure it must be is set from the same texts by
/// cross-validation, so that a stated share of all answers is the large model's (Chen et al. 2023, "FrugalGPT",
/// section 3, with a head that is trained instead of given).
struct Cascade {
  /// Fewer texts are not worth a sample.
  static let leastTexts = 200
  static let leastSample = 50
  /// One text in so many is in the sample, within bounds.
  private static let textsPerSampled = 20
  static let sampleRange = 100...300
  /// Texts that are looked at to learn the route; the others go the same way.
  private static let mostTexts = 4_000
  /// How often the head learns from what it is least sure of, …
  private static let rounds = 8
  /// … half of what it may not answer, and at least so many texts …
  private static let leastAtOnce = 20
  /// … until it has learnt from so many.
  private static let mostLessons = 2_000
  /// The small model's own opinion, beside an embedding of length 1.
  private static let opinionWeight: Float = 0.1

  let context: CallContext
  let options: CascadeOptions
  /// What the route depends on beside the models: the labels, a condition.
  let question: [String]
  /// What the small model says by itself: probabilities, one a class.
  let small: ([String]) throws(SibylError) -> [[Float]]
  /// What the large model says.
  let large: ([String]) throws(SibylError) -> [Result<[Float], SibylError>]

  /// Learns the route from many texts, unless it is known.
  func prepare(_ texts: [String]) throws(SibylError) {
    let key = try routeKey()
    guard texts.count >= Self.leastTexts, routes.route(for: key, in: context.evaluator.cache) == nil else {
      return
    }
    // By their digests: chance, and yet the same for the same texts.
    let named = Dictionary(texts.map { (CascadeRoute.name(of: $0), $0) }, uniquingKeysWith: { $1 })
    let order = named.keys.sorted().compactMap { named[$0] }
    let usual = min(
      max(order.count / Self.textsPerSampled, Self.sampleRange.lowerBound), Self.sampleRange.upperBound)
    let sampleCount = options.sampleCount ?? usual
    guard sampleCount < order.count else { return }

    let texts = Array(order.prefix(max(Self.mostTexts, 2 * sampleCount)))
    var lessons = CascadeLessons(
      texts: texts, features: try features(of: texts), unseenCount: order.count - texts.count,
      agreement: options.agreement)
    try lessons.ask(0..<sampleCount, large)
    guard lessons.count >= Self.leastSample else { return }
    var learnt = try lessons.learn()
    for _ in 0..<Self.rounds
    where learnt.doubtful.count > texts.count / 100 && lessons.count < Self.mostLessons {
      // Those about which later lessons may change its mind stay behind.
      let next = max(learnt.doubtful.count / 2, Self.leastAtOnce)
      try lessons.ask(learnt.doubtful.prefix(next), large)
      learnt = try lessons.learn()
    }
    let route = CascadeRoute(head: learnt.head, threshold: learnt.threshold, sample: lessons.names)
    routes.store(route, for: key, in: context.evaluator.cache)
  }

  /// For each text one probability a class, by the model that its route leads to.
  func probabilities(of texts: [String]) throws(SibylError) -> [Result<[Float], SibylError>] {
    let key = try routeKey()
    guard let route = routes.route(for: key, in: context.evaluator.cache) else {
      note(key, nil, kept: 0, sent: texts.count)
      return try large(texts)
    }
    var answers = [Result<[Float], SibylError>](repeating: .success([]), count: texts.count)
    var sent = texts.indices.filter { route.sample.contains(CascadeRoute.name(of: texts[$0])) }
    let inSample = Set(sent)
    let others = texts.indices.filter { !inSample.contains($0) }
    for (position, features) in zip(others, try features(of: others.map { texts[$0] })) {
      let probabilities = try route.head.probabilities(of: features)
      if let confidence = probabilities.max(), confidence >= route.threshold {
        answers[position] = .success(probabilities)
      } else {
        sent.append(position)
      }
    }
    for (position, answer) in zip(sent, try large(sent.map { texts[$0] })) { answers[position] = answer }
    note(key, route, kept: texts.count - sent.count, sent: sent.count)
    return answers
  }

  private var routes: CascadeRoutes { .shared }

  private func note(_ key: CacheKey, _ route: CascadeRoute?, kept: Int, sent: Int) {
    routes.note(
      CascadeReport(
        function: context.entry.name, model: context.model?.installed.name ?? "", options, question, route),
      for: key, kept: kept, sent: sent)
  }

  /// An embedding with the small model's opinion behind it.
  private func features(of texts: [String]) throws(SibylError) -> [[Float]] {
    var rows: [[Float]] = []
    for (embedding, opinion) in zip(try context.embeddings(of: texts), try small(texts)) {
      rows.append(embedding.values + MimicHead.logits(opinion).map { Self.opinionWeight * $0 })
    }
    return rows
  }

  private func routeKey() throws(SibylError) -> CacheKey {
    let target = try targetModel()
    guard target.installed.manifest.kind == .decoder else {
      throw SibylError(
        .invalidArgument,
        "the cascade's \"to\" must name a decoder; \(options.target) is an \(target.installed.manifest.kind.rawValue)"
      )
    }
    guard try context.requireModel().manifest.kind == .encoder else {
      throw SibylError(
        .invalidArgument,
        "a cascade goes from an encoder to a decoder; leave \"model\" out, or name an encoder there")
    }
    var builder = CacheKeyBuilder(
      prefix: CacheKeyPrefix(
        function: "cascade of \(context.entry.name)", revision: 2,
        model: context.model?.digest.hexadecimal ?? "",
        engine:
          "\(InferenceEngine.revision) \(try Precision.preferred().rawValue) \(target.digest.hexadecimal)"))
    for part in question { builder.append(text: part) }
    builder.append(options.agreement)
    builder.append(Int64(options.sampleCount ?? 0))
    return builder.finish()
  }

  private func targetModel() throws(SibylError) -> SelectedModel {
    try ModelSelection.model(named: options.target)
  }
}
