import Diagnostics
import Inference
import JSON
import Models
import ResultCache
import Tensor

/// Answers texts with a small model where it is sure to say what a large one would, and with the large one elsewhere.
///
/// The small model is the batch's encoder with a head that has learnt the large model's ways from a sample
/// (`MimicHead`). How sure it must be is set from the same sample by cross-validation, so that a stated share of all
/// answers is the large model's (Chen et al. 2023, "FrugalGPT", section 3, with a head that is trained instead of given).
struct Cascade {
  /// Fewer texts are not worth a sample.
  static let leastTexts = 200
  static let leastSample = 50
  private static let sampleRange = 100...500
  /// How often the head learns from what it was not sure of, …
  private static let rounds = 4
  /// … among so many texts at most, …
  private static let mostAtOnce = 1_000
  /// … and until it has learnt from so many.
  private static let mostLessons = 1_000
  /// Texts from which it is seen how sure the head is of those that it will answer.
  private static let mostOthers = 4_000
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
    let usual = min(max(order.count * 3 / 40, Self.sampleRange.lowerBound), Self.sampleRange.upperBound)
    let randomCount = options.sampleCount ?? usual
    guard randomCount < order.count else { return }

    var lessons = CascadeLessons(texts: order, agreement: options.agreement)
    try lessons.add(
      order[..<randomCount], features(of: Array(order[..<randomCount])), large(Array(order[..<randomCount])))
    guard lessons.count >= Self.leastSample else { return }
    lessons.endSample()
    // What the head is not sure of would go to the large model anyway: it may as well be learnt from now.
    var next = randomCount
    let step = min(max(order.count / 5, 1), Self.mostAtOnce)
    for _ in 0..<Self.rounds where next < order.count && lessons.count < Self.mostLessons {
      let part = Array(order[next..<min(next + step, order.count)])
      next += part.count
      let rows = try features(of: part)
      let learnt = try lessons.learn(others: rows)
      var doubtful: [Int] = []
      for (position, row) in rows.enumerated()
      where try learnt.head.probabilities(of: row).max() ?? 0 < learnt.threshold.threshold {
        doubtful.append(position)
      }
      try lessons.add(
        doubtful.map { part[$0] }[...], doubtful.map { rows[$0] }, large(doubtful.map { part[$0] }))
    }
    let unknown = order.filter { !lessons.contains($0) }.prefix(Self.mostOthers)
    let learnt = try lessons.learn(others: features(of: Array(unknown)))
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
        function: "cascade of \(context.entry.name)", revision: 1,
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
