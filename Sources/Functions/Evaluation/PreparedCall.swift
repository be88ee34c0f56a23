import ResultCache

/// A call whose arguments are checked and whose model is found: ready to be looked up or computed.
struct PreparedCall: Sendable {
  let arguments: Arguments
  let model: SelectedModel?
  /// The second model that the call may ask.
  var further: SelectedModel?
  /// The classifier that the call asks; nil for functions that ask none.
  var classifier: Classifier?
  /// Names the answer in the result cache; nil for functions that are not cached.
  let key: CacheKey?
}
