/// What ReadyForQuery says of the session's transaction block.
package enum TransactionStatus: UInt8, Hashable, Sendable {
  case idle = 0x49  // I
  case open = 0x54  // T
  case failed = 0x45  // E
}
