SELECT pg_typeof(ai_cache_stats()), ai_cache_stats() ->> 'state' IN ('unopened', 'ready'), ai_cache_stats() -> 'problem';
SELECT string_agg(key, ' ' ORDER BY key) FROM jsonb_object_keys(ai_cache_stats()) AS key;
