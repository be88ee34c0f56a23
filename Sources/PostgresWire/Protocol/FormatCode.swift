/// How a value is written on the wire (PostgreSQL documentation, "Formats and Format Codes").
package enum FormatCode: Int16, Hashable, Sendable {
  case text = 0
  case binary = 1
}
