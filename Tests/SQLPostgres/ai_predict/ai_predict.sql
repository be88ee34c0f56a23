CREATE TEMP TABLE labelled (body text, label text);
INSERT INTO labelled VALUES
  ('I was charged twice', 'billing'), ('Where is my invoice?', 'billing'), ('The refund has not arrived on my card', 'billing'),
  ('You billed me for a cancelled order', 'billing'), ('The price on the receipt is wrong', 'billing'), ('My payment was declined', 'billing'),
  ('The parcel came two weeks late', 'shipping'), ('My package never arrived', 'shipping'), ('The courier left it in the rain', 'shipping'),
  ('Tracking says it is still in the depot', 'shipping'), ('Delivered to the wrong address', 'shipping'), ('When will my order ship?', 'shipping');
SELECT ai_train('predict tickets', 'SELECT body, label FROM labelled')->>'classes';
SELECT ai_predict('predict tickets', 'Please send me the invoice again'), ai_predict('predict tickets', 'the parcel is late');
-- Computed or cached.
SELECT ai_predict('predict tickets', 'the parcel is late') FROM generate_series(1, 2);
SELECT ai_predict('predict tickets', 'zxcv', '{"min_confidence":1}') IS NULL, ai_predict('predict tickets', 'the parcel is late', '{"min_confidence":0.5}');
SELECT jsonb_typeof(ai_predict('predict tickets', 'the parcel is late', '{"scores":true}')::jsonb);
SELECT ai_predict('predict tickets', NULL) IS NULL, ai_predict(NULL, 'x') IS NULL, ai_predict('predict tickets', ' ') IS NULL, ai_predict('predict tickets', 'x', NULL) IS NOT NULL;
-- Arrays, prefetched or not.
SELECT ai_predict('predict tickets', ARRAY['Please send me the invoice again', NULL, '', 'the parcel is late', 'the parcel is late']);
SELECT ai_predict('predict tickets', ARRAY['the parcel is late'], '{"min_confidence":0.5}'), ai_predict('predict tickets', '{}'::text[]), ai_predict('predict tickets', NULL::text[]) IS NULL;
CREATE TEMP TABLE t AS SELECT n AS id, 'the parcel number ' || (n % 30) || ' is late' AS body FROM generate_series(1, 90) AS n;
SELECT p->'calls', p->'distinct' FROM ai_prefetch('SELECT body FROM t', 'ai_predict', 'predict tickets') AS p;
SELECT p->'calls', p->'distinct', p->'cached', p->'computed' FROM ai_prefetch('SELECT body FROM t', 'ai_predict', 'predict tickets') AS p;
SELECT ai_predict('predict tickets', body), count(*) FROM t GROUP BY 1;
-- Names from a column; in views.
SELECT ai_predict(name, 'the parcel is late') FROM (VALUES ('predict tickets'), (NULL)) AS v (name);
CREATE TEMP VIEW sorted AS SELECT id, ai_predict('predict tickets', body) AS topic FROM t;
SELECT topic FROM sorted WHERE id = 1;
-- Another classifier of the same name gives its own answers at once, and the old one's come back with it.
BEGIN;
SELECT ai_train('predict tickets', 'SELECT body, id % 2 FROM t WHERE id < 30')->>'classes';
SELECT ai_predict('predict tickets', 'the parcel is late') IN ('0', '1'), (SELECT string_agg(DISTINCT (topic IN ('0', '1'))::text, ',') FROM sorted);
ROLLBACK;
SELECT ai_predict('predict tickets', 'the parcel is late'), (SELECT string_agg(DISTINCT topic, ',') FROM sorted);
-- Faults.
SELECT ai_predict('predict nothing', 'x') WHERE false;
SELECT regexp_replace(ai_predict('predict tickets', 'x', '{"multi_label":true}'), 'x', 'x');
SELECT ai_predict('predict tickets', 'x', '{"min_confidence":2}');
SELECT ai_predict('predict tickets', ARRAY[['x']]);
SELECT ai_prefetch('SELECT body FROM t', 'ai_predict');
SELECT ai_prefetch('SELECT body FROM t', 'ai_predict', NULL::text);
-- A row that somebody has written by hand.
INSERT INTO sibyl.classifiers SELECT 'predict damaged', method, model, encoder, labels, report, digest || '0', weights FROM sibyl.classifiers WHERE name = 'predict tickets';
SELECT ai_predict('predict damaged', 'y');
INSERT INTO sibyl.classifiers SELECT 'predict unknown', 'forest', model, encoder, labels, report, digest, weights FROM sibyl.classifiers WHERE name = 'predict tickets';
SELECT ai_predict('predict unknown', 'y');
SELECT ai_predict('predict unknown', ARRAY['y']);
DELETE FROM sibyl.classifiers WHERE name LIKE 'predict %';
