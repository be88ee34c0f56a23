CREATE TEMP TABLE t (topic text, body text);
INSERT INTO t VALUES ('parcel', 'The parcel was two weeks late.'), ('parcel', 'It arrived broken.'), ('mail', 'Nobody answered my mails.'), ('none', NULL), ('blank', ' ');
SELECT topic, ai_agg(body, 'What is wrong?', '{"max_tokens":8}') IS NOT NULL, pg_typeof(ai_agg(body, 'What is wrong?', '{"max_tokens":8}')) FROM t GROUP BY topic ORDER BY topic;
SELECT ai_agg(body, 'What is wrong?') IS NULL FROM t WHERE topic = 'tea';
SELECT ai_agg(NULL, 'What is wrong?') IS NULL, ai_agg('a', NULL) IS NULL;
-- The order counts, and so do FILTER and DISTINCT.
SELECT ai_agg(body, 'What is wrong?', '{"max_tokens":8}' ORDER BY body) FILTER (WHERE topic = 'mail') IS NOT NULL FROM t;
SELECT ai_agg(DISTINCT body, 'What is wrong?', '{"max_tokens":8}') IS NOT NULL FROM t;
SELECT ai_agg('it''s {"a","\b"} ' || n, 'What is it?', '{"max_tokens":8}' ORDER BY n) = ai_agg('it''s {"a","\b"} ' || n, 'What is it?', '{"max_tokens":8}' ORDER BY n) FROM generate_series(1, 3) AS n;
-- Far more than the model can read at once.
SELECT length(ai_agg('Row ' || n || ' says that the kettle leaks and that the lid does not close.', 'What is wrong with the kettle?', '{"max_tokens":16}')) > 0 FROM generate_series(1, 300) AS n;
SELECT ai_agg(body, 'What about ' || topic) FROM t;
SELECT ai_agg(body, ' ') FROM t;
SELECT ai_agg(body, 'What is wrong?', '{"max_token":4}') FROM t;
SELECT ai_agg(body) FROM t;
