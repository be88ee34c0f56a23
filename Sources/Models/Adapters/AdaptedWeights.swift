import Diagnostics

/// A checkpoint's weights with an adapter's changes added while they are read.
public struct AdaptedWeights<Base: WeightSource>: WeightSource {
  private let base: Base
  private let adapter: LowRankAdapter

  public init(_ base: Base, _ adapter: LowRankAdapter) {
    self.base = base
    self.adapter = adapter
  }

  public func contains(_ name: String) -> Bool { base.contains(name) }

  public func readFloats(
    _ name: String, shape: [Int], into buffer: UnsafeMutableBufferPointer<Float>
  ) throws(SibylError) {
    try base.readFloats(name, shape: shape, into: buffer)
    guard let (layer, matrix) = Self.place(of: name), layer < adapter.configuration.layers else { return }
    try adapter.add(layer: layer, matrix, to: buffer)
  }

  /// Which matrix of which layer a weight's name stands for; nil for all others.
  private static func place(of name: String) -> (layer: Int, matrix: AdaptedMatrix)? {
    let parts = name.split(separator: ".", omittingEmptySubsequences: false)
    guard
      let start = parts.firstIndex(of: "layer"), start + 2 < parts.count, let layer = Int(parts[start + 1]),
      layer >= 0, parts.last == "weight"
    else { return nil }
    let inside = parts[(start + 2)..<(parts.count - 1)].joined(separator: ".")
    guard let matrix = AdaptedMatrix.allCases.first(where: { $0.name == inside }) else { return nil }
    return (layer, matrix)
  }
}
