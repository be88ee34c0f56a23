/// Options that may ask for NULL in place of a row's fault.
protocol FaultTolerance {
  /// Whether a call that can't be answered is NULL instead of an error.
  var answersNullOnError: Bool { get }
}

extension WritingOptions: FaultTolerance {}
extension ClassifyOptions: FaultTolerance {}
extension SummaryOptions: FaultTolerance {
  var answersNullOnError: Bool { writing.answersNullOnError }
}

extension Arguments {
  /// Whether the call's options ask for NULL where it can't be answered.
  var answersNullOnError: Bool {
    decoded.contains { ($0?.content as? any FaultTolerance)?.answersNullOnError == true }
  }
}
