import PostgresClient

/// What an installation has to know of a hand-written function beside its text, which is in
/// `sql/postgres/support` under the function's name.
struct SupportFunction {
  let name: String
  let argumentTypes: [String]
  let comment: String
  var isOpenToAll = false
  /// Whether it stands beside the functions of the catalogue, not in the schema `sibyl`.
  var isPublic = false

  static let all = [
    SupportFunction(name: "address", argumentTypes: [], comment: "The bridge's address, for messages."),
    SupportFunction(
      name: "ai_prefetch", argumentTypes: ["text", "text", "text[]"],
      comment:
        "Computes what a function will answer for the first column of a query, in large batches, and keeps "
        + "the answers. Further arguments are those of the function. "
        + "Example: SELECT ai_prefetch('SELECT body FROM reviews', 'ai_sentiment');",
      isOpenToAll: true, isPublic: true),
    SupportFunction(
      name: "answers", argumentTypes: ["text", "text[]", "bytea", "text"],
      comment: "Answers one call an element of an array, from the cache or by the bridge."),
    SupportFunction(
      name: "assemble", argumentTypes: ["text[]", "text[]", "text[]"],
      comment: "Puts the answers of distinct texts into the order of an array."),
    SupportFunction(
      name: "bridge_status", argumentTypes: [], comment: "What sibyl.status shows.", isOpenToAll: true),
    SupportFunction(
      name: "call", argumentTypes: ["text", "text"], comment: "Asks the bridge, and waits for its answers."),
    SupportFunction(
      name: "call_one", argumentTypes: ["text", "text"],
      comment: "Asks the bridge, and waits for its one answer."),
    SupportFunction(
      name: "check_arguments", argumentTypes: ["text", "text[]", "integer", "integer"],
      comment: "Checks the number of the arguments that ai_prefetch passes on."),
    SupportFunction(
      name: "connect", argumentTypes: [], comment: "Opens this session's connection to the bridge."),
    SupportFunction(
      name: "disconnect", argumentTypes: ["text", "boolean", "text", "text", "text"],
      comment: "Gives up a connection that failed, and says what to do about it."),
    SupportFunction(
      name: "embedding_key_part", argumentTypes: ["text"],
      comment: "The part of a cache key that an embedding makes."),
    SupportFunction(
      name: "health", argumentTypes: [],
      comment:
        "Whether the bridge answers, without an error if it does not. Example: SELECT * FROM sibyl.health();",
      isOpenToAll: true),
    SupportFunction(
      name: "json_text", argumentTypes: ["text"], comment: "The canonical text of an argument of JSON."),
    SupportFunction(
      name: "key_part", argumentTypes: ["text"], comment: "The part of a cache key that an argument makes."),
    SupportFunction(
      name: "prefetch_batch", argumentTypes: ["text", "text[]", "text[]"],
      comment: "Computes what is missing of a batch of ai_prefetch.", isOpenToAll: true),
    SupportFunction(
      name: "stack_embeddings", argumentTypes: ["text[]"],
      comment: "Turns embeddings into an array of two dimensions."),
    SupportFunction(
      name: "texts_key_part", argumentTypes: ["text[]"],
      comment: "The part of a cache key that the texts of a group make."),
  ]
}
