SELECT name, kind, dimensions, licence, length(digest), size > 0, path IS NOT NULL, state FROM ai_models() WHERE name = 'minilm';
SELECT loaded FROM ai_models WHERE name = 'minilm';
SELECT length(ai_embed('load it'));
SELECT loaded FROM ai_models WHERE name = 'minilm';
-- It reads files, so a schema may not use it.
CREATE VIEW v AS SELECT * FROM ai_models;
SELECT * FROM v;
