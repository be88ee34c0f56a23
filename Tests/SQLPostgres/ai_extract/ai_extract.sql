SELECT pg_typeof(ai_extract('Anna Berg from Oslo paid 40 euros.', '["name","city"]'));
SELECT string_agg(key, ',' ORDER BY key) FROM jsonb_object_keys(ai_extract('Anna Berg from Oslo paid 40 euros.', '["name","city"]')) AS key;
SELECT jsonb_typeof(ai_extract('Call me soon', '{"type":"object","properties":{"urgent":{"type":"boolean"}},"required":["urgent"]}') -> 'urgent');
SELECT ai_extract(NULL, '["a"]') IS NULL, ai_extract('', '["a"]') IS NULL;
SELECT ai_extract('x', '{"a":"colour"}');
SELECT ai_extract('x', '[]');
