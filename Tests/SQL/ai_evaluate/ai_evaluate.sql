CREATE TABLE t(guess TEXT, label TEXT, chance REAL);
-- 40 spam, of which 36 found; 60 ham, of which 54 found and 2 left open.
INSERT INTO t SELECT 'spam', 'spam', 0.9 FROM generate_series(1, 36);
INSERT INTO t SELECT 'ham', 'spam', 0.9 FROM generate_series(1, 4);
INSERT INTO t SELECT 'ham', 'ham', 0.9 FROM generate_series(1, 54);
INSERT INTO t SELECT 'spam', 'ham', 0.9 FROM generate_series(1, 4);
INSERT INTO t SELECT NULL, 'ham', NULL FROM generate_series(1, 2);
INSERT INTO t VALUES ('spam', NULL, 0.5);
SELECT ai_evaluate('SELECT guess, label FROM t');
-- Of 98 answers 90 are right, and all say 0.9.
SELECT json_extract(ai_evaluate('SELECT guess, label, chance FROM t'), '$.calibration_error');
SELECT json_array_length(ai_evaluate('SELECT guess, label, chance FROM t'), '$.calibration_error_interval');
-- The same rows give the same intervals, in whatever order they come.
SELECT ai_evaluate('SELECT guess, label FROM t ORDER BY 1') ->> '$.accuracy_interval' = ai_evaluate('SELECT guess, label FROM t ORDER BY 2, 1 DESC') ->> '$.accuracy_interval';
-- A perfect prediction leaves nothing to chance.
SELECT json_extract(ai_evaluate('SELECT label, label FROM t'), '$.accuracy', '$.accuracy_interval', '$.macro_f1');
-- Numbers are labels too.
SELECT json_extract(ai_evaluate('SELECT value % 2, value % 2 = 1 FROM generate_series(1, 10)'), '$.accuracy', '$.classes."1".rows');
-- AI calls are computed in batches, and meet their right labels.
SELECT json_extract(ai_evaluate('SELECT ai_sentiment(column1), column2 FROM (VALUES (''It works perfectly'', ''positive''), (''It broke after a day and support was rude'', ''negative''))'), '$.accuracy');
SELECT ai_evaluate(NULL) IS NULL;
SELECT ai_evaluate('SELECT label FROM t');
SELECT ai_evaluate('SELECT 1, 2, 3, 4');
SELECT ai_evaluate('SELECT guess, label FROM t WHERE 0');
SELECT ai_evaluate('SELECT guess, NULL FROM t');
SELECT ai_evaluate('SELECT guess, label, 7 FROM t');
SELECT ai_evaluate('SELECT guess, label, ''sure'' FROM t');
SELECT ai_evaluate('SELECT rowid, rowid FROM generate_series(1, 2000)');
SELECT ai_evaluate('DELETE FROM t');
SELECT ai_evaluate('SELECT * FROM missing');
SELECT ai_evaluate('');
SELECT count(*) FROM t;
