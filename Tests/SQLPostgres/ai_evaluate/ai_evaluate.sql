CREATE TEMP TABLE t (guess text, label text, chance real);
-- 40 spam, of which 36 found; 60 ham, of which 54 found and 2 left open.
INSERT INTO t SELECT 'spam', 'spam', 0.9 FROM generate_series(1, 36);
INSERT INTO t SELECT 'ham', 'spam', 0.9 FROM generate_series(1, 4);
INSERT INTO t SELECT 'ham', 'ham', 0.9 FROM generate_series(1, 54);
INSERT INTO t SELECT 'spam', 'ham', 0.9 FROM generate_series(1, 4);
INSERT INTO t SELECT NULL, 'ham', NULL FROM generate_series(1, 2);
INSERT INTO t VALUES ('spam', NULL, 0.5);
SELECT ai_evaluate('SELECT guess, label FROM t');
SELECT ai_evaluate('SELECT guess, label, chance FROM t')->'calibration_error';
-- The same rows give the same intervals, in whatever order they come.
SELECT ai_evaluate('SELECT guess, label FROM t ORDER BY 1')->'accuracy_interval' = ai_evaluate('SELECT guess, label FROM t ORDER BY 2, 1 DESC')->'accuracy_interval';
SELECT r->'accuracy', r->'accuracy_interval', r->'macro_f1' FROM ai_evaluate('SELECT label, label FROM t') AS r;
-- Numbers and truth are labels too.
SELECT r->'accuracy', r->'classes'->'1'->'rows' FROM ai_evaluate('SELECT n % 2, n % 2 FROM generate_series(1, 10) AS n') AS r;
SELECT r->'accuracy', r->'classes'->'true'->'rows' FROM ai_evaluate('SELECT n > 5, n > 4 FROM generate_series(1, 10) AS n') AS r;
-- AI calls in it.
SELECT ai_evaluate('SELECT ai_sentiment(body), mood FROM (VALUES (''It works perfectly'', ''positive''), (''It broke after a day and support was rude'', ''negative'')) AS v (body, mood)')->'accuracy';
SELECT ai_evaluate(NULL) IS NULL;
-- Many rows go in parts.
SELECT r->'rows', r->'accuracy' FROM ai_evaluate('SELECT n % 7, n % 7 FROM generate_series(1, 30000) AS n') AS r;
SELECT ai_evaluate('SELECT label FROM t');
SELECT ai_evaluate('SELECT 1, 2, 3, 4');
SELECT ai_evaluate('SELECT guess, label FROM t WHERE false');
SELECT ai_evaluate('SELECT guess, NULL FROM t');
SELECT ai_evaluate('SELECT guess, label, 7 FROM t');
SELECT ai_evaluate('SELECT guess, label, ''sure'' FROM t');
SELECT ai_evaluate('DELETE FROM t');
SELECT ai_evaluate('SELECT * FROM missing');
SELECT ai_evaluate('');
SELECT count(*) FROM t;
