import Diagnostics
import Functions

extension ConnectionSession: FunctionHost {
  package func prefetch(_ sql: String) throws(SibylError) -> String {
    throw SibylError(.unavailable, "this build has no replay")
  }
}
