CREATE TABLE labelled(body TEXT, label TEXT);
INSERT INTO labelled VALUES ('good', 'a'), ('nice', 'a'), ('bad', 'b'), ('poor', 'b');
-- Labels.
SELECT ai_train('x', 'SELECT body, ''a'' FROM labelled');
SELECT ai_train('x', 'SELECT body, label FROM labelled WHERE body <> ''poor''');
SELECT ai_train('x', 'SELECT ''text '' || value, ''label '' || value FROM generate_series(1, 50)');
SELECT ai_train('x', 'SELECT body, NULLIF(label, ''b'') FROM labelled');
SELECT ai_train('x', 'SELECT NULLIF(body, ''bad''), label FROM labelled');
SELECT ai_train('x', 'SELECT body, '' '' FROM labelled');
SELECT ai_train('x', 'SELECT body, x''00'' FROM labelled');
SELECT ai_train('x', 'SELECT body, label || char(0) FROM labelled');
SELECT ai_train('x', 'SELECT ''text '' || value, ''label '' || (value % 10000) FROM generate_series(1, 20000)');
SELECT ai_train('x', 'SELECT body || column1, column1 FROM labelled, (VALUES (''é''), (''e'' || char(769)))');
SELECT ai_train('x', 'SELECT ''text'', ''label '' || (value % 3) FROM generate_series(1, 9)');
-- Rows.
SELECT ai_train('x', 'SELECT body, label FROM labelled WHERE 0');
SELECT ai_train('x', 'SELECT '' '', label FROM labelled');
SELECT ai_train('x', 'SELECT ''text '' || value, value % 2 FROM generate_series(1, 100001)');
-- Queries.
SELECT ai_train('x', '');
SELECT ai_train('x', 'labelled');
SELECT ai_train('x', 'SELECT body FROM labelled');
SELECT ai_train('x', 'SELECT body, label, 1 FROM labelled');
SELECT ai_train('x', 'SELECT body, label FROM missing');
SELECT ai_train('x', 'SELECT body, label FROM labelled; DELETE FROM labelled');
SELECT ai_train('x', 'DELETE FROM labelled RETURNING body, label');
SELECT ai_train('x', 'SELECT body, ? FROM labelled');
SELECT ai_train('x', 'SELECT body, abs(-9223372036854775808) FROM labelled');
-- Names and options.
SELECT ai_train(' ', 'SELECT body, label FROM labelled');
SELECT ai_train(replace(hex(zeroblob(201)), '00', 'n'), 'SELECT body, label FROM labelled');
SELECT ai_train('x', 'SELECT body, label FROM labelled', '{"method":"magic"}');
SELECT ai_train('x', 'SELECT body, label FROM labelled', '{"model":"missing"}');
SELECT ai_train('x', 'SELECT body, label FROM labelled', '{"model":"smollm2"}');
SELECT ai_train('x', 'SELECT body, label FROM labelled', '{"l2":0}');
SELECT ai_train('x', 'SELECT body, label FROM labelled', '{"folds":1}');
SELECT ai_train('x', 'SELECT body, label FROM labelled', '{"epochs":3}');
-- Only in the user's own statements.
CREATE VIEW v AS SELECT ai_train('x', 'SELECT body, label FROM labelled');
SELECT * FROM v;
-- Nothing was stored, nothing deleted.
SELECT count(*) FROM sqlite_master WHERE name = 'sibyl_classifiers';
SELECT count(*) FROM ai_classifiers();
SELECT count(*) FROM labelled;
-- A database that takes no writes.
PRAGMA query_only = 1;
SELECT ai_train('x', 'SELECT body, label FROM labelled');
