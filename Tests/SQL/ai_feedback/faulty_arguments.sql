SELECT ai_feedback('ai_sentiment', 'x', 'angry');
SELECT ai_feedback('ai_sentiment', ' ', 'negative');
SELECT ai_feedback('ai_classify', 'x', ' ');
SELECT ai_feedback('ai_embed', 'x', 'negative');
SELECT ai_feedback('tickets', 'x', 'billing');
SELECT ai_feedback('ai_sentiment', x'00', 'negative');
SELECT ai_feedback('ai_sentiment', 'x');
SELECT json_extract(ai_train('tickets', 'SELECT * FROM (VALUES (''good'', ''a''), (''nice'', ''a''), (''bad'', ''b''), (''poor'', ''b''))'), '$.classes');
SELECT ai_feedback('tickets', 'x', 'c');
SELECT ai_feedback('Tickets', 'x', 'a');
SELECT ai_train('ai_sentiment', 'SELECT * FROM (VALUES (''good'', ''a''), (''nice'', ''a''), (''bad'', ''b''), (''poor'', ''b''))');
SELECT ai_train('tickets', 'SELECT 1, 2', '{"from":"memory"}');
-- Nothing was stored.
SELECT count(*) FROM sqlite_master WHERE name = 'sibyl_feedback';
-- Wrong arguments of a corrected call are still told.
SELECT ai_feedback('ai_classify', 'It works', 'good');
SELECT ai_classify('It works', '["good"]');
-- Only in the user's own statements.
CREATE VIEW v AS SELECT ai_feedback('ai_classify', 'It works', 'good');
SELECT * FROM v;
-- A table of the user's own by that name, or a view, changes no answer.
DROP TABLE sibyl_feedback;
CREATE TABLE sibyl_feedback(id, remark);
SELECT ai_sentiment('What a wonderful day');
SELECT ai_feedback('ai_sentiment', 'What a wonderful day', 'negative');
SELECT ai_train('tickets', 'SELECT 1, 2', '{"from":"feedback"}');
DROP TABLE sibyl_feedback;
CREATE VIEW sibyl_feedback AS SELECT 'ai_sentiment' AS name, ai_sentiment('x') AS text, 'negative' AS label;
SELECT ai_sentiment('What a wonderful day');
DROP VIEW sibyl_feedback;
CREATE TABLE sibyl_feedback(name TEXT, text TEXT, label TEXT AS (ai_sentiment(text)), created TEXT);
INSERT INTO sibyl_feedback(name, text) VALUES ('ai_sentiment', 'What a wonderful day');
SELECT ai_sentiment('What a wonderful day');
DROP TABLE sibyl_feedback;
-- A database that takes no writes.
PRAGMA query_only = 1;
SELECT ai_feedback('ai_sentiment', 'What a wonderful day', 'negative');
