extension String {
  /// The name as SQL has it, whatever it holds.
  package var quotedAsName: String {
    "\"" + split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
  }
}
