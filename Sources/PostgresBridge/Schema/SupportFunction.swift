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
      name: "answers",
      argumentTypes: ["text", "text[]", "bytea", "bytea", "text", "text", "text", "text"],
      comment: "Answers one call an element of an array, from the cache or by the bridge."),
    SupportFunction(
      name: "assemble", argumentTypes: ["text[]", "text[]", "text[]"],
      comment: "Puts the answers of distinct texts into the order of an array."),
    SupportFunction(
      name: "bridge_status", argumentTypes: [], comment: "What sibyl.status shows.", isOpenToAll: true),
    SupportFunction(
      name: "call", argumentTypes: ["text", "text", "jsonb"],
      comment: "Asks the bridge, and waits for its answers."),
    SupportFunction(
      name: "call_context", argumentTypes: ["text", "text", "text[]"],
      comment: "What the bridge has to know of this database to answer a call."),
    SupportFunction(
      name: "call_in_session",
      argumentTypes: ["text", "text[]", "uuid", "text", "text", "boolean"],
      comment: "Asks the bridge about a call that is about rows, classifiers or corrections.",
      isOpenToAll: true),
    SupportFunction(
      name: "call_one", argumentTypes: ["text", "text", "jsonb"],
      comment: "Asks the bridge, and waits for its one answer."),
    SupportFunction(
      name: "cancel_job", argumentTypes: ["text"],
      comment: "Ends a job for good; what is written stays."),
    SupportFunction(
      name: "check_arguments", argumentTypes: ["text", "text[]", "integer", "integer"],
      comment: "Checks the number of the arguments that ai_prefetch passes on."),
    SupportFunction(
      name: "column_named", argumentTypes: ["text", "text", "text", "text"],
      comment: "A column that is kept fresh, by its table and its name."),
    SupportFunction(
      name: "connect", argumentTypes: [], comment: "Opens this session's connection to the bridge."),
    SupportFunction(
      name: "create_column",
      argumentTypes: ["text", "text", "text", "text[]", "text", "text", "interval", "text"],
      comment: "Keeps a column filled with what a function answers, as rows are inserted, changed and "
        + "deleted. Example: SELECT sibyl.create_column('reviews', 'mood', 'ai_sentiment', "
        + "ARRAY['body']);"),
    SupportFunction(
      name: "create_job",
      argumentTypes: ["text", "text", "text", "text", "text[]", "text", "integer", "interval", "text"],
      comment: "Begins a job: workers compute a function for the rows of a query and write the answers "
        + "into a table. Example: SELECT sibyl.create_job('moods', 'SELECT id, body FROM reviews', "
        + "key => 'id', function => 'ai_sentiment');"),
    SupportFunction(
      name: "describe_call", argumentTypes: ["text", "text", "text", "text", "text[]", "text"],
      comment: "Checks that a function can be called for the rows of a source, and says how."),
    SupportFunction(
      name: "describe_classifier", argumentTypes: ["sibyl.classifiers"],
      comment: "A classifier without its weights, as the bridge is told of it."),
    SupportFunction(
      name: "detach_column", argumentTypes: ["text", "text", "text"],
      comment: "Ends keeping a column fresh; the column stays, with its answers."),
    SupportFunction(
      name: "disconnect", argumentTypes: ["text", "boolean", "text", "text", "text"],
      comment: "Gives up a connection that failed, and says what to do about it."),
    SupportFunction(
      name: "drop_job", argumentTypes: ["text"],
      comment: "Forgets a job; its target stays."),
    SupportFunction(
      name: "drop_triggers", argumentTypes: ["bigint"],
      comment: "Takes away the triggers of a column that is kept fresh."),
    SupportFunction(
      name: "embedding_key_part", argumentTypes: ["text"],
      comment: "The part of a cache key that an embedding makes."),
    SupportFunction(
      name: "finish_changes",
      argumentTypes: ["bigint", "uuid", "text", "text[]", "text[]", "text[]", "text[]", "text[]"],
      comment: "Writes the answers of changed rows."),
    SupportFunction(
      name: "finish_chunk",
      argumentTypes: ["bigint", "integer", "uuid", "text", "text[]", "text[]", "text[]", "text[]"],
      comment: "Writes the answers of a chunk of a job, and ends it."),
    SupportFunction(
      name: "finish_work",
      argumentTypes: ["bigint", "integer", "uuid", "text", "text[]", "text[]", "text[]", "text[]", "text[]"],
      comment: "Writes what a worker has computed, and ends its lease."),
    SupportFunction(
      name: "health", argumentTypes: [],
      comment:
        "Whether the bridge answers, without an error if it does not. Example: SELECT * FROM sibyl.health();",
      isOpenToAll: true),
    SupportFunction(
      name: "held_changes", argumentTypes: ["bigint", "uuid", "text[]"],
      comment: "Locks a worker's notes of changed rows, but waits for none."),
    SupportFunction(
      name: "job_named", argumentTypes: ["text", "text"],
      comment: "A job by its name, locked."),
    SupportFunction(
      name: "json_text", argumentTypes: ["text"], comment: "The canonical text of an argument of JSON.",
      isOpenToAll: true),
    SupportFunction(
      name: "key_part", argumentTypes: ["text"], comment: "The part of a cache key that an argument makes."),
    SupportFunction(
      name: "lease_changes", argumentTypes: ["bigint", "text", "interval", "uuid", "integer"],
      comment: "Leases rows of a column that changed."),
    SupportFunction(
      name: "lease_chunk", argumentTypes: ["bigint", "text", "interval", "uuid"],
      comment: "Leases a chunk of a job."),
    SupportFunction(
      name: "lease_work", argumentTypes: ["text", "bigint[]"],
      comment: "Gives a worker something to do."),
    SupportFunction(
      name: "note_changes", argumentTypes: [],
      comment: "The trigger of columns that are kept fresh."),
    SupportFunction(
      name: "note_corrections", argumentTypes: [],
      comment: "Says that there are corrections.", isOpenToAll: true),
    SupportFunction(
      name: "note_truncation", argumentTypes: ["bigint"],
      comment: "Forgets what was noted of a table that is empty now."),
    SupportFunction(
      name: "pause_job", argumentTypes: ["text"],
      comment: "Lets a job rest; chunks under way are finished."),
    SupportFunction(
      name: "prefetch_batch", argumentTypes: ["text", "text[]", "text[]"],
      comment: "Computes what is missing of a batch of ai_prefetch.", isOpenToAll: true),
    SupportFunction(
      name: "present_keys", argumentTypes: ["sibyl.ai_column", "text[]", "text"],
      comment: "Which of some keys the table of a column has."),
    SupportFunction(
      name: "put_part", argumentTypes: ["text", "uuid", "boolean", "text"],
      comment: "Sends a part of what a call is about.", isOpenToAll: true),
    SupportFunction(
      name: "queue_column", argumentTypes: ["bigint"],
      comment: "Notes every row of a column."),
    SupportFunction(
      name: "refresh_column", argumentTypes: ["text", "text", "text"],
      comment: "Has every row of a column computed anew."),
    SupportFunction(
      name: "release_work",
      argumentTypes: ["bigint", "integer", "uuid", "text[]", "text", "boolean", "boolean"],
      comment: "Gives work back that was not done."),
    SupportFunction(
      name: "renew_work", argumentTypes: ["bigint", "integer", "uuid", "text[]"],
      comment: "Makes a worker's lease last longer."),
    SupportFunction(
      name: "require_target", argumentTypes: ["text", "text", "text", "text", "text", "text", "text"],
      comment: "Makes or checks the table that answers go to."),
    SupportFunction(
      name: "require_writable", argumentTypes: ["text", "text"],
      comment: "Tells that a result could not be stored.", isOpenToAll: true),
    SupportFunction(
      name: "resume_job", argumentTypes: ["text"],
      comment: "Goes on with a job that rests."),
    SupportFunction(
      name: "retry_column", argumentTypes: ["text", "text", "text"],
      comment: "Has the rows of a column computed again that failed."),
    SupportFunction(
      name: "retry_job", argumentTypes: ["text"],
      comment: "Has the rows of a job computed again that failed."),
    SupportFunction(
      name: "send_classifier", argumentTypes: ["text", "text", "text"],
      comment: "Sends a classifier to the bridge."),
    SupportFunction(
      name: "send_rows", argumentTypes: ["text", "text", "text"],
      comment: "Sends the rows of a query to the bridge.", isOpenToAll: true),
    SupportFunction(
      name: "session_key_part", argumentTypes: ["text", "text"],
      comment: "The part of a cache key that a classifier and a correction make."),
    SupportFunction(
      name: "stack_embeddings", argumentTypes: ["text[]"],
      comment: "Turns embeddings into an array of two dimensions."),
    SupportFunction(
      name: "store_results", argumentTypes: ["text[]"],
      comment: "Stores what a call has brought.", isOpenToAll: true),
    SupportFunction(
      name: "texts_key_part", argumentTypes: ["text[]"],
      comment: "The part of a cache key that the texts of a group make."),
    SupportFunction(
      name: "write_answers", argumentTypes: ["text", "text", "text[]", "text[]"],
      comment: "Writes answers, and says which can't be written."),
  ]
}
