import Diagnostics
import ModelFiles

/// How dear a call is, coarsely: what decides which of two conditions is better looked at first.
public enum CallCost: Int, Comparable, Sendable {
  /// No AI call, or one that takes no model.
  case none
  /// An encoder reads the text: thousands of rows a second.
  case encoder
  /// A decoder writes the answer: a few rows a second.
  case decoder

  public static func < (left: CallCost, right: CallCost) -> Bool { left.rawValue < right.rawValue }

  /// What a call as it stands in SQL costs.
  ///
  /// - Parameters:
  ///   - name: of any function; one that is not of the catalogue costs nothing.
  ///   - literals: the arguments that are constants, nil for those that change: options may name another model.
  public init(_ name: String, literals: [String?]) {
    guard let function = Catalogue.function(named: name) ?? Catalogue.aggregate(named: name)?.function,
      function.isCached
    else {
      self = .none
      return
    }
    var values: [Value] = literals.map { $0.map(Value.text) ?? .text("x") }
    while values.count < function.parameters.count { values.append(.null) }
    var binder = ArgumentBinder(function)
    // What the binder refuses is told when the statement runs; until then the function's usual model stands for it.
    let arguments = (try? binder.bind(values)) ?? nil
    self.init(function.model.choice(arguments ?? Arguments(values: [])))
  }

  private init(_ choice: ModelUse.Choice) {
    if let model = try? ModelSelection.model(for: choice) {
      // A server is as dear as a decoder, whatever it runs.
      self = model.installed.manifest.kind == .decoder || model.installed.isRemote ? .decoder : .encoder
      return
    }
    switch choice {
    case .none: self = .none
    case .generationDefault: self = .decoder
    case .named, .embeddingDefault: self = .encoder
    }
  }
}
