/// Prompts that wait for a place in a decoder's batch.
///
/// There are two lanes, so that a single call does not wait for somebody's ten thousand: requests of few prompts go
/// first, but now and then a prompt of the others is taken.
struct GenerationQueue {
  /// A prompt and whose it is.
  struct Item: Sendable {
    let request: GenerationRequest
    let prompt: Int
  }

  private struct Lane {
    var requests: [(request: GenerationRequest, next: Int)] = []

    mutating func take() -> Item? {
      guard let first = requests.first else { return nil }
      requests[0].next += 1
      if requests[0].next == first.request.prompts.count { requests.removeFirst() }
      return Item(request: first.request, prompt: first.next)
    }
  }

  /// Requests of more prompts than this are long ones.
  private static let shortRequest = 8
  /// While both lanes have work, one prompt in so many is taken from the long ones.
  private static let turnsPerLongPrompt = 4

  private var short = Lane()
  private var long = Lane()
  private var turn = 0

  var isEmpty: Bool { short.requests.isEmpty && long.requests.isEmpty }

  mutating func append(_ request: GenerationRequest) {
    guard !request.prompts.isEmpty else { return }
    if request.prompts.count > Self.shortRequest {
      long.requests.append((request, 0))
    } else {
      short.requests.append((request, 0))
    }
  }

  mutating func take() -> Item? {
    turn = (turn + 1) % Self.turnsPerLongPrompt
    if turn == 0, let item = long.take() { return item }
    return short.take() ?? long.take()
  }
}
