SELECT ai_config('embedding_model'), pg_typeof(ai_config('embedding_model'));
SELECT ai_config('embedding_model', 'minilm');
SELECT ai_config('precision') IN ('int8', 'bf16', 'f32'), ai_config('threads')::int > 0, ai_config('cache_memory')::bigint > 0;
SELECT ai_config(NULL) IS NULL, ai_config('embedding_model', NULL);
SELECT ai_config('no such setting');
SELECT ai_config('threads', '7');
SELECT ai_config('embedding_model', 'no such model');
SELECT ai_config('embedding_model');
