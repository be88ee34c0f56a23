/// Names that tokens of known model families have when they steer the model, whatever type their file says.
enum ControlNames {
  private static let begins: Set<String> = [
    "<|im_start|>", "<|begin_of_text|>", "<|start_header_id|>", "<|end_header_id|>", "<|startoftext|>",
    "<start_of_turn>",
  ]

  private static let ends: Set<String> = [
    "<|im_end|>", "<|eot_id|>", "<|eom_id|>", "<|end_of_text|>", "<|endoftext|>", "<|end|>", "<end_of_turn>",
    "<EOT>",
  ]

  static func contains(_ name: String) -> Bool { begins.contains(name) || ends.contains(name) }

  /// Whether a control token of that name ends an answer or a turn.
  static func endsTurn(_ name: String) -> Bool { ends.contains(name) || name == "</s>" }
}
