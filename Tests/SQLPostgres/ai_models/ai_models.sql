SELECT name, kind, dimensions, size, licence, left(digest, 12), path IS NOT NULL, state FROM ai_models() WHERE name = 'minilm';
SELECT pg_typeof(dimensions), pg_typeof(size), pg_typeof(loaded) FROM ai_models() LIMIT 1;
