CREATE TABLE t(body TEXT);
INSERT INTO t VALUES ('The striker won the match.'), ('The bank cut a thousand jobs.'), ('Our coach left the league.');
-- Texts.
SELECT ai_distill('x', 'SELECT body FROM t WHERE 0', '["sports","business"]');
SELECT ai_distill('x', 'SELECT '' '' FROM t UNION ALL SELECT NULL', '["sports","business"]');
SELECT ai_distill('x', 'SELECT x''00'' FROM t', '["sports","business"]');
-- Labels that the large model does not give, or gives once.
SELECT ai_distill('x', 'SELECT body FROM t LIMIT 1', '["sports","business"]');
SELECT ai_distill('x', 'SELECT body FROM t WHERE body LIKE ''The %'' ORDER BY body', '["sports","business"]');
SELECT ai_distill('x', 'SELECT body FROM t', '["sports","' || replace(hex(zeroblob(100)), '00', 'word ') || '"]');
SELECT ai_distill('x', 'SELECT body FROM t', '["sports"]');
SELECT ai_distill('x', 'SELECT body FROM t', 'sports');
-- Queries.
SELECT ai_distill('x', '', '["sports","business"]');
SELECT ai_distill('x', 't', '["sports","business"]');
SELECT ai_distill('x', 'SELECT body, 1 FROM t', '["sports","business"]');
SELECT ai_distill('x', 'SELECT body FROM missing', '["sports","business"]');
SELECT ai_distill('x', 'DELETE FROM t RETURNING body', '["sports","business"]');
-- Names and options.
SELECT ai_distill(' ', 'SELECT body FROM t', '["sports","business"]');
SELECT ai_distill('ai_embed', 'SELECT body FROM t', '["sports","business"]');
SELECT ai_distill('x', 'SELECT body FROM t', '["sports","business"]', '{"from":"minilm"}');
SELECT ai_distill('x', 'SELECT body FROM t', '["sports","business"]', '{"from":"missing"}');
SELECT ai_distill('x', 'SELECT body FROM t', '["sports","business"]', '{"from":7}');
SELECT ai_distill('x', 'SELECT body FROM t', '["sports","business"]', '{"model":"smollm2"}');
SELECT ai_distill('x', 'SELECT body FROM t', '["sports","business"]', '{"rows":3}');
SELECT ai_distill('x', 'SELECT body FROM t', '["sports","business"]', '{"rows":100001}');
SELECT ai_distill('x', 'SELECT body FROM t', '["sports","business"]', '{"l2":0}');
SELECT ai_distill('x', 'SELECT body FROM t', '["sports","business"]', '{"method":"lora"}');
-- Only in the user's own statements.
CREATE VIEW v AS SELECT ai_distill('x', 'SELECT body FROM t', '["sports","business"]');
SELECT * FROM v;
-- Nothing was stored, nothing deleted.
SELECT count(*) FROM sqlite_master WHERE name = 'sibyl_classifiers';
SELECT count(*) FROM t;
-- A database that takes no writes.
PRAGMA query_only = 1;
SELECT ai_distill('x', 'SELECT body FROM t', '["sports","business"]');
