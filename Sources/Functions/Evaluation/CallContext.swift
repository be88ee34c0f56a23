import Diagnostics
import ModelFiles

/// What a function's implementation may use beside its arguments.
struct CallContext {
  /// The database session that the call came from.
  let host: any FunctionHost
  /// The model that the batch runs on; nil for functions that use none.
  let model: InstalledModel?
  let evaluator: Evaluator

  /// The model of a function that declares one.
  func requireModel() throws(SibylError) -> InstalledModel {
    guard let model else {
      throw SibylError(.internalFault, "the function asks for a model that its declaration does not name")
    }
    return model
  }
}
