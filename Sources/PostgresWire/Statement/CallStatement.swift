/// A call whose parameters are not bound yet: their arguments are NULL so far.
package struct CallStatement: Hashable, Sendable {
  package var call: WireCall
  package var parameters: [StatementParameter] = []
}
