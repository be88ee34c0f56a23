CREATE TABLE t(id INTEGER PRIMARY KEY, body TEXT);
INSERT INTO t(body) VALUES ('first text'), ('second text'), ('first text'), (NULL), ('');
SELECT json_remove(ai_prefetch('SELECT id, ai_embed(body) FROM t'), '$.seconds');
SELECT json_remove(ai_prefetch('SELECT id, ai_embed(body) FROM t'), '$.seconds');
SELECT ai_prefetch(NULL) IS NULL;
-- Nothing is written.
SELECT json_extract(ai_prefetch('UPDATE t SET body = ai_score(body, ''text'')'), '$.computed') > 0, (SELECT body FROM t WHERE id = 1);
CREATE VIEW v AS SELECT ai_prefetch('SELECT 1');
SELECT * FROM v;
-- A budget ends the work, keeps what is done, and the next call goes on.
CREATE TABLE many AS SELECT 'numbered text ' || value AS body FROM generate_series(1, 40);
SELECT json_remove(ai_prefetch('SELECT ai_embed(body) FROM many', '{"max_calls": 25}'), '$.seconds');
SELECT json_remove(ai_prefetch('SELECT ai_embed(body) FROM many', '{"max_calls": 25}'), '$.seconds');
SELECT json_remove(ai_prefetch('SELECT ai_embed(body) FROM many', '{"max_seconds": 600}'), '$.seconds');
SELECT ai_prefetch('SELECT 1', '{"max_calls": 0}');
SELECT ai_prefetch('SELECT 1', '{"max_seconds": "long"}');
SELECT ai_prefetch('SELECT 1', '{"budget": 1}');
