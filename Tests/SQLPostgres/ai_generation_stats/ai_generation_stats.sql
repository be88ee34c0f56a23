SELECT ai_generate('Name a colour.', '{"max_tokens":4}') IS NOT NULL;
SELECT pg_typeof(ai_generation_stats()), (ai_generation_stats() -> 'smollm2' ->> 'weight_bytes')::bigint > 1000000;
SELECT string_agg(key, ' ' ORDER BY key) FROM jsonb_object_keys(ai_generation_stats() -> 'smollm2') AS key;
