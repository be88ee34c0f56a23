import Diagnostics
import Functions
import ResultCache
import Threads

/// A function that counts its batches, for looking at the evaluator from outside.
final class RecordingFunction: Sendable {
  private let batches = Guarded<[[[Value]]]>([])

  /// The arguments of each batch that was computed.
  var computed: [[[Value]]] { batches.withLock { $0 } }

  /// `echo(text[, options[, count]])`: the text, unless it begins with "fail".
  func function(isCached: Bool = true, model: ModelUse = .fixed("minilm"), finish: Bool = false) -> AIFunction
  {
    AIFunction(
      name: "echo", summary: "Echo.",
      parameters: [
        .text("The text."),
        .json("options", "Options.", default: .null, expected: "a JSON object") { json throws(SibylError) in
          guard json.objectValue != nil else {
            throw SibylError(.invalidArgument, "must be a JSON object; got \(json.typeDescription)")
          }
          return json.serialized()
        },
        Parameter("count", .integer, "A number.", default: .integer(3)),
      ],
      returns: .text, isCached: isCached, model: model,
      finish: { value in
        guard finish, case .text(let text) = value else { return value }
        return .text(text + "!")
      }
    ) { [self] (_, calls) throws(SibylError) in
      batches.withLock { $0.append(calls.map(\.values)) }
      return calls.map { call in
        let text = call.text(0)
        if text.hasPrefix("fail") { return .failure(SibylError(.invalidArgument, "does not like \(text)")) }
        if text.isEmpty { return .success(.null) }
        return .success(.text("\(text) \(call.decoded(1, as: String.self) ?? "-") \(call.integer(2) ?? 0)"))
      }
    }
  }

  /// A cache of its own, in memory.
  static func evaluator() -> Evaluator {
    Evaluator(cache: ResultCache(configuration: CacheConfiguration(path: nil)))
  }
}

extension Result where Success == Value, Failure == SibylError {
  var value: Value? { try? get() }

  var message: String? {
    if case .failure(let error) = self { return error.message }
    return nil
  }
}
