/// The matrices of a BERT layer that low-rank adapters change, in the order in which adapters keep them.
public enum AdaptedMatrix: Int, CaseIterable, Sendable {
  case query
  case key
  case value
  case attentionOutput
  case up
  case down

  /// The linear layer's name inside its layer's prefix, as checkpoints spell it.
  public var name: String {
    switch self {
    case .query: "attention.self.query"
    case .key: "attention.self.key"
    case .value: "attention.self.value"
    case .attentionOutput: "attention.output.dense"
    case .up: "intermediate.dense"
    case .down: "output.dense"
    }
  }

  public func inputs(_ configuration: BertConfiguration) -> Int {
    self == .down ? configuration.intermediateDimensions : configuration.dimensions
  }

  public func outputs(_ configuration: BertConfiguration) -> Int {
    self == .up ? configuration.intermediateDimensions : configuration.dimensions
  }
}
