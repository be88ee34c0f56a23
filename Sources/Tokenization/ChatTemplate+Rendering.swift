extension ChatTemplate {
  /// A part of a conversation as the model reads it.
  enum Piece: Hashable {
    /// The control token of that name.
    case control(String)
    /// The token that begins a text.
    case beginning
    /// The token that ends an answer.
    case end
    /// Text, in which no control tokens are looked for.
    case text(String)
  }

  /// The names of the control tokens without which a conversation cannot be written.
  var controlNames: [String] {
    switch family {
    case .chatML: ["<|im_start|>", "<|im_end|>"]
    case .llama3: ["<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>"]
    case .llama2, .zephyr, .plain: []
    }
  }

  /// The conversation up to where the model's answer begins.
  ///
  /// - Parameter skipsThinking: whether empty thoughts are written for a model that would think aloud.
  func pieces(_ messages: [ChatMessage], skipsThinking: Bool) -> [Piece] {
    var messages = messages
    if trimsContents {
      for index in messages.indices { messages[index].content = Self.trimmed(messages[index].content) }
    }
    if let text = defaultSystemMessage, messages.first?.role != .system {
      messages.insert(ChatMessage(.system, text), at: 0)
    }
    var pieces: [Piece]
    switch family {
    case .chatML: pieces = chatML(messages, skipsThinking: skipsThinking)
    case .llama3: pieces = llama3(messages)
    case .llama2: return llama2(messages)
    case .zephyr:
      pieces = messages.flatMap { [.text("<|\($0.role.rawValue)|>\n\($0.content)"), .end, .text("\n")] }
      pieces.append(.text("<|assistant|>\n"))
    case .plain: pieces = [.text(messages.map(\.content).joined(separator: "\n\n"))]
    }
    if beginsWithToken { pieces.insert(.beginning, at: 0) }
    return pieces
  }

  private func chatML(_ messages: [ChatMessage], skipsThinking: Bool) -> [Piece] {
    var pieces: [Piece] = []
    for message in messages {
      var content = message.content
      if canSkipThinking, message.role == .assistant { content = Self.withoutThoughts(content) }
      pieces += [
        .control("<|im_start|>"), .text("\(message.role.rawValue)\n\(content)"), .control("<|im_end|>"),
        .text("\n"),
      ]
    }
    pieces += [.control("<|im_start|>"), .text("assistant\n\(answerPrefix)")]
    if canSkipThinking, skipsThinking {
      pieces += [.control("<think>"), .text("\n\n"), .control("</think>"), .text("\n\n")]
    }
    return pieces
  }

  /// What an answer says behind its last thought.
  private static func withoutThoughts(_ answer: String) -> String {
    let marker = Array("</think>".utf8)
    let bytes = Array(answer.utf8)
    guard bytes.count >= marker.count else { return answer }
    for start in stride(from: bytes.count - marker.count, through: 0, by: -1)
    where bytes[start...].starts(with: marker) {
      let rest = bytes[(start + marker.count)...].drop { $0 == UInt8(ascii: "\n") }
      return String(decoding: rest, as: UTF8.self)
    }
    return answer
  }

  private func llama3(_ messages: [ChatMessage]) -> [Piece] {
    var messages = messages
    if statesDates {
      // The template has the day of the conversation where its interpreter knows it, and else this one, which
      // keeps answers the same from one day to the next.
      let dates = "Cutting Knowledge Date: December 2023\nToday Date: 26 Jul 2024\n\n"
      if messages.first?.role == .system {
        messages[0].content = dates + messages[0].content
      } else {
        messages.insert(ChatMessage(.system, dates), at: 0)
      }
    }
    func header(_ role: ChatMessage.Role) -> [Piece] {
      [.control("<|start_header_id|>"), .text(role.rawValue), .control("<|end_header_id|>")]
    }
    let pieces = messages.flatMap { message in
      header(message.role) + [.text("\n\n\(message.content)"), .control("<|eot_id|>")]
    }
    return pieces + header(.assistant) + [.text("\n\n")]
  }

  /// The system's message goes into the user's first; each of the user's messages begins anew.
  private func llama2(_ messages: [ChatMessage]) -> [Piece] {
    var pieces: [Piece] = []
    var system: String?
    for message in messages {
      switch message.role {
      case .system: system = [system, message.content].compactMap(\.self).joined(separator: "\n\n")
      case .user:
        let content = system.map { "<<SYS>>\n\($0)\n<</SYS>>\n\n\(message.content)" } ?? message.content
        system = nil
        pieces += [.beginning, .text("[INST] \(Self.trimmed(content)) [/INST]")]
      case .assistant: pieces += [.text(" \(Self.trimmed(message.content)) "), .end]
      }
    }
    // Without a user's message the system's is all there is.
    if let system { pieces += [.beginning, .text("[INST] <<SYS>>\n\(system)\n<</SYS>>\n\n [/INST]")] }
    return pieces
  }

  /// The text without white space at its ends, as Jinja's `trim` and Python's `strip` have it.
  private static func trimmed(_ text: String) -> String {
    func isSpace(_ scalar: Unicode.Scalar) -> Bool {
      WhiteSpace.contains(scalar.value) || (0x1C...0x1F).contains(scalar.value)
    }
    let scalars = text.unicodeScalars
    guard let first = scalars.firstIndex(where: { !isSpace($0) }),
      let last = scalars.lastIndex(where: { !isSpace($0) })
    else { return "" }
    return String(scalars[first...last])
  }
}
