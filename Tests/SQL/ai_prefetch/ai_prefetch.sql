CREATE TABLE t(id INTEGER PRIMARY KEY, body TEXT);
INSERT INTO t(body) VALUES ('first text'), ('second text'), ('first text'), (NULL), ('');
SELECT json_remove(ai_prefetch('SELECT id, ai_embed(body) FROM t'), '$.seconds');
SELECT json_remove(ai_prefetch('SELECT id, ai_embed(body) FROM t'), '$.seconds');
SELECT ai_prefetch(NULL) IS NULL;
-- Nothing is written.
SELECT json_extract(ai_prefetch('UPDATE t SET body = ai_score(body, ''text'')'), '$.computed') > 0, (SELECT body FROM t WHERE id = 1);
CREATE VIEW v AS SELECT ai_prefetch('SELECT 1');
SELECT * FROM v;
