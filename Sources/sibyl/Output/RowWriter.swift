import Diagnostics

/// Writes the rows of one result in one format. Calls come in this order: `begin`, `write` for each row, `end`.
package protocol RowWriter {
  mutating func begin(columns: [String], to output: ByteOutput) throws(SibylError)
  mutating func write(_ row: [Cell], to output: ByteOutput) throws(SibylError)
  mutating func end(to output: ByteOutput) throws(SibylError)
}
