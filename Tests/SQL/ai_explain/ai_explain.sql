CREATE TABLE t(id INTEGER PRIMARY KEY, body TEXT, stars INTEGER);
INSERT INTO t(body, stars) SELECT 'numbered text ' || (value % 30), value % 5 FROM generate_series(1, 90);
-- What depends on the machine is left out.
SELECT json_remove(ai_explain('SELECT ai_score(body, ''sports'') FROM t'), '$.seconds', '$.seconds_error', '$.peak_memory_mb', '$.functions[0].seconds', '$.functions[0].seconds_error');
-- The sample is kept in the cache, like all answers.
SELECT json_extract(ai_explain('SELECT ai_score(body, ''sports'') FROM t'), '$.cached', '$.to_compute', '$.passes', '$.complete');
-- Nothing is written, nothing but the sample computed.
SELECT json_extract(ai_explain('UPDATE t SET body = ai_score(body, ''music'')'), '$.to_compute'), (SELECT body FROM t WHERE id = 1);
-- Calls behind unknown answers can't be counted.
SELECT json_extract(ai_explain('SELECT ai_score(body, ''a'') FROM t WHERE ai_score(body, ''b'') > 0.1'), '$.complete', '$.functions[0].calls');
SELECT json_extract(ai_explain('SELECT ai_score(body, ''c''), ai_embed(body) FROM t WHERE stars < 2', '{"exact": true}'), '$.complete', '$.calls', '$.tokens_error');
SELECT json_extract(ai_explain('SELECT count(*) FROM t'), '$.calls', '$.passes');
SELECT ai_explain(NULL) IS NULL;
SELECT ai_explain('SELECT * FROM missing');
SELECT ai_explain('');
SELECT ai_explain('SELECT 1', '{"exact": 1}');
CREATE VIEW v AS SELECT ai_explain('SELECT 1');
SELECT * FROM v;
