SELECT json_extract(ai_train('tickets', 'SELECT * FROM (VALUES
  (''I was charged twice'', ''billing''), (''Where is my invoice?'', ''billing''), (''My payment was declined'', ''billing''), (''You billed me for a cancelled order'', ''billing''),
  (''The parcel came two weeks late'', ''shipping''), (''My package never arrived'', ''shipping''), (''The courier left it in the rain'', ''shipping''), (''Delivered to the wrong address'', ''shipping''))'), '$.classes');
SELECT ai_predict('tickets', 'Please send me the invoice again'), ai_predict('tickets', 'the parcel is late');
SELECT ai_predict('tickets', 'zxcv', '{"min_confidence":1}') IS NULL, ai_predict('tickets', 'the parcel is late', '{"min_confidence":0.5}');
SELECT key, value BETWEEN 0.5 AND 1 FROM json_each(ai_predict('tickets', 'the parcel is late', '{"scores":true}')) LIMIT 1;
SELECT ai_predict('tickets', NULL) IS NULL, ai_predict(NULL, 'x') IS NULL, ai_predict('tickets', ' ') IS NULL, ai_predict('tickets', 'x', NULL) IS NOT NULL;
-- Names from a column, and texts that are numbers.
SELECT ai_predict(column1, 42) IS NOT NULL FROM (VALUES ('tickets'), (NULL), ('tickets'));
-- Batched and cached like every other function.
CREATE TABLE t(id INTEGER PRIMARY KEY, body TEXT);
INSERT INTO t(body) SELECT 'the parcel number ' || (value % 30) || ' is late' FROM generate_series(1, 90);
SELECT json_extract(ai_explain('SELECT ai_predict(''tickets'', body) FROM t'), '$.calls', '$.distinct', '$.functions[0].model');
SELECT json_extract(ai_prefetch('SELECT ai_predict(''tickets'', body) FROM t'), '$.calls', '$.distinct', '$.computed', '$.passes') IN ('[90,30,30,2]', '[90,30,0,1]');
SELECT json_extract(ai_prefetch('SELECT ai_predict(''tickets'', body) FROM t'), '$.calls', '$.distinct', '$.cached', '$.computed', '$.passes');
SELECT ai_predict('tickets', body), count(*) FROM t GROUP BY 1;
-- In views and triggers, but not in indexes, which would go stale.
CREATE VIEW sorted AS SELECT id, ai_predict('tickets', body) AS topic FROM t;
SELECT topic FROM sorted WHERE id = 1;
CREATE TABLE log(topic TEXT);
CREATE TRIGGER note AFTER INSERT ON t BEGIN INSERT INTO log SELECT ai_predict('tickets', new.body); END;
INSERT INTO t(body) VALUES ('I paid twice for the invoice'), ('the package never came');
SELECT group_concat(topic) FROM log;
CREATE INDEX stale ON t(ai_predict('tickets', body));
-- Another classifier of the same name gives its own answers at once, and the old one's come back with it.
BEGIN;
SELECT json_extract(ai_train('tickets', 'SELECT body, id % 2 FROM t WHERE id < 30'), '$.classes');
SELECT ai_predict('tickets', 'the parcel is late') IN ('0', '1'), (SELECT group_concat(DISTINCT topic IN ('0', '1')) FROM sorted);
ROLLBACK;
SELECT ai_predict('tickets', 'the parcel is late'), (SELECT group_concat(DISTINCT topic) FROM sorted);
-- Faults.
SELECT ai_predict('missing', 'x');
SELECT ai_predict('Tickets', 'x');
SELECT ai_predict('tickets', x'00');
SELECT ai_predict('tickets', 'x', '{"multi_label":true}');
SELECT ai_predict('tickets', 'x', '{"min_confidence":2}');
UPDATE sibyl_classifiers SET method = 'head', weights = 'text', digest = 'x';
SELECT ai_predict('tickets', 'y');
DROP TABLE sibyl_classifiers;
SELECT ai_predict('tickets', 'the parcel is late');
CREATE TABLE sibyl_classifiers(name);
SELECT ai_predict('tickets', 'the parcel is late');
SELECT ai_train('x', 'SELECT body, id % 2 FROM t');
DROP TABLE sibyl_classifiers;
CREATE VIEW sibyl_classifiers AS SELECT ai_predict('tickets', 'x') AS digest, 'tickets' AS name, 'head' AS method, '' AS encoder, x'' AS weights;
SELECT ai_predict('tickets', 'the parcel is late');
