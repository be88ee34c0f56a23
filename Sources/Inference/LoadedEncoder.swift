import Diagnostics
import ModelFiles
import Models
import Tensor
import Threads
import Tokenization

/// A model in memory, with idle buffers for those who run it.
///
/// Threads: any. The weights are immutable; a state is lent to one thread at a time.
final class LoadedEncoder: LoadedModel {
  let model: EncoderModel
  var encoder: BertEncoder { model.encoder }
  private let idleStates = Guarded<[Loan]>([])

  // A state goes from thread to thread, but only through the lock above.
  private struct Loan: @unchecked Sendable { let state: BertState }

  /// - Parameters:
  ///   - adapter: a change of the weights, or nil for none.
  ///   - sibling: the same model in memory with other changes or none; what does not change is shared.
  init(
    _ installed: InstalledModel, precision: Precision, adapter: LowRankAdapter? = nil,
    sibling: LoadedEncoder? = nil
  ) throws(SibylError) {
    // Packing weights is quick on one core; OpenMP's waiting on busy machines is not.
    let before = Workspace.setCoresPerProduct(1)
    defer { Workspace.setCoresPerProduct(before) }
    model = try EncoderModel(installed, precision: precision, adapter: adapter, sibling: sibling?.model)
  }

  /// Bytes of weights.
  var size: Int { encoder.size }

  /// Lends buffers for one batch.
  func withState<Result>(_ body: (BertState) throws(SibylError) -> Result) throws(SibylError) -> Result {
    let idle = idleStates.withLock { $0.popLast() }
    let loan: Loan
    if let idle {
      loan = idle
    } else {
      loan = Loan(state: try encoder.makeState(tokenCapacity: Batcher.tokenBudget))
    }
    defer { idleStates.withLock { $0.append(loan) } }
    return try body(loan.state)
  }

  /// Tokenises a text, where that is not done yet, and appends its windows to a batch.
  ///
  /// - Returns: the windows' positions in `batch.sequences`.
  func appendWindows(
    of input: EncoderInput, to batch: inout PackedBatch, scratch ids: inout [Int32]
  ) -> Range<Int> {
    switch input {
    case .text(var text):
      ids.removeAll(keepingCapacity: true)
      text.withUTF8 { model.tokenizer.encode($0, appendingTo: &ids) }
    case .tokens(let tokens): ids = tokens
    }
    let first = batch.sequences.count
    for window in model.windows.split(tokenCount: ids.count) {
      batch.appendWindow(
        ids[window], classifier: model.windows.classifierID, separator: model.windows.separatorID)
    }
    return first..<batch.sequences.count
  }
}
