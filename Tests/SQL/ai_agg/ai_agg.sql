CREATE TABLE t(topic, body);
INSERT INTO t VALUES ('parcel', 'The parcel was two weeks late.'), ('parcel', 'It arrived broken.'), ('mail', 'Nobody answered my mails.'), ('none', NULL), ('blank', ' ');
SELECT typeof(ai_agg(body, 'What do the customers complain about?', '{"max_tokens":12}')) FROM t;
-- One answer a group, as of every aggregate function.
SELECT topic, typeof(ai_agg(body, 'What is wrong?', '{"max_tokens":8}')) FROM t GROUP BY topic ORDER BY topic;
SELECT count(*) FROM (SELECT topic FROM t GROUP BY topic HAVING ai_agg(body, 'What is wrong?', '{"max_tokens":8}') IS NOT NULL);
SELECT typeof(ai_agg(body, 'What is wrong?', '{"max_tokens":8}') FILTER (WHERE topic = 'mail')), ai_agg(body, 'What is wrong?') FILTER (WHERE topic = 'tea') IS NULL FROM t;
-- No rows, no texts, no instruction.
SELECT ai_agg(body, 'What is wrong?') IS NULL FROM t WHERE topic = 'tea';
SELECT ai_agg(NULL, 'What is wrong?') IS NULL, ai_agg('a', NULL) IS NULL, ai_agg(' ', 'What is wrong?') IS NULL;
-- The same rows, the same answer; numbers count as their text.
SELECT ai_agg(body, 'What is wrong?', '{"max_tokens":8}') = (SELECT ai_agg(body, 'What is wrong?', '{"max_tokens":8}') FROM t) FROM t;
SELECT typeof(ai_agg(value, 'Name one of the numbers.', '{"max_tokens":4}')) FROM json_each('[1,2.5,3]');
-- Many thousand words: far more than the model can read at once.
SELECT length(ai_agg('Row ' || value || ' says that the kettle leaks and that the lid does not close.', 'What is wrong with the kettle?', '{"max_tokens":16}')) > 0 FROM generate_series(1, 700);
SELECT length(ai_summarize_agg(replace(hex(zeroblob(3000)), '00', 'kettle '), '{"max_words":10}')) > 0;
SELECT ai_agg(body, 'What about ' || topic) FROM t;
SELECT ai_agg(body, 'What is wrong?', CASE topic WHEN 'mail' THEN '{}' END) FROM t;
SELECT ai_agg(body, ' ') FROM t;
SELECT ai_agg(x'00', 'What is wrong?');
SELECT ai_agg(CAST(x'61ff' AS TEXT), 'What is wrong?');
SELECT ai_agg(body, 'What is wrong?', '{"max_token":4}') FROM t;
SELECT ai_agg(body, 'What is wrong?', '{"model":"nobody"}') FROM t;
SELECT ai_agg(body, 'What is wrong?') OVER () FROM t;
SELECT ai_agg(body) FROM t;
-- What cannot be answered is NULL where that is asked for.
SELECT ai_agg(body, 'What is wrong?', '{"max_tokens":32768,"on_error":"null"}') IS NULL FROM t;
