CREATE TEMP TABLE labelled (body text, label text);
INSERT INTO labelled VALUES
  ('I was charged twice', 'billing'), ('Where is my invoice?', 'billing'), ('The refund has not arrived on my card', 'billing'),
  ('You billed me for a cancelled order', 'billing'), ('The price on the receipt is wrong', 'billing'), ('My payment was declined', 'billing'),
  ('The parcel came two weeks late', 'shipping'), ('My package never arrived', 'shipping'), ('The courier left it in the rain', 'shipping'),
  ('Tracking says it is still in the depot', 'shipping'), ('Delivered to the wrong address', 'shipping'), ('When will my order ship?', 'shipping');
CREATE TEMP TABLE reports AS SELECT ai_train('train tickets', 'SELECT body, label FROM labelled') AS report;
SELECT report->>'name', report->>'method', report->>'model', report->>'rows', report->>'distinct', report->>'classes', report->>'folds' FROM reports;
SELECT (report->>'accuracy')::float > 0.6, (report->>'macro_f1')::float > 0.6, report->>'digest' = (SELECT digest FROM ai_classifiers() WHERE name = 'train tickets'), jsonb_typeof(report->'confusion') FROM reports;
SELECT ai_predict('train tickets', 'My credit card was debited two times'), ai_predict('train tickets', 'it is three weeks late');
-- The same rows give the same classifier, in whatever order; with a semicolon or a comment at the end.
SELECT ai_train('train again', E'SELECT body, label FROM labelled ORDER BY length(body) ; ')->>'digest' = report->>'digest' FROM reports;
SELECT ai_train('train again', E'SELECT body, label FROM labelled -- all of them', '{"method":"head","seed":1}')->>'digest' = report->>'digest' FROM reports;
SELECT r->>'folds', r->>'l2' FROM ai_train('train again', 'SELECT body, label FROM labelled', '{"folds":3,"l2":0.5}') AS r;
-- Columns of any type and any names; blank texts are left out.
SELECT r->>'rows', r->>'distinct', r->>'blank', r->>'classes' FROM ai_train('train numbers', 'SELECT body AS x, CASE label WHEN ''billing'' THEN 1.5 ELSE 2 END AS x FROM labelled UNION ALL SELECT body, 2 FROM labelled WHERE label <> ''billing'' UNION ALL SELECT '' '', 2') AS r;
SELECT labels FROM ai_classifiers() WHERE name = 'train numbers';
SELECT r->>'classes' FROM ai_train('train again', 'SELECT body::varchar(60), label = ''billing'' FROM labelled') AS r;
SELECT labels FROM ai_classifiers() WHERE name = 'train again';
-- Labels that an AI function gives.
SELECT r->>'rows', r->>'classes' FROM ai_train('train again', 'SELECT body, ai_classify(body, ARRAY[''money'', ''goods'']) FROM labelled') AS r;
-- With the transaction.
BEGIN;
SELECT ai_train('train tickets', 'SELECT body, length(body) % 2 FROM labelled')->>'rows';
SELECT ai_predict('train tickets', 'it is three weeks late') IN ('0', '1');
ROLLBACK;
SELECT ai_predict('train tickets', 'it is three weeks late');
-- Within a function that has its own path, the query sees the caller's tables.
SET search_path = pg_temp, pg_catalog, public;
SELECT r->>'rows' FROM public.ai_train('train again', 'SELECT body, label FROM labelled') AS r;
RESET search_path;
SELECT ai_train(NULL, 'SELECT 1, 2') IS NULL, ai_train('x', NULL) IS NULL;
SELECT name, created_by = current_user FROM sibyl.classifiers WHERE name LIKE 'train %' ORDER BY name;
DELETE FROM sibyl.classifiers WHERE name LIKE 'train %';
SELECT count(*) FROM ai_classifiers() WHERE name LIKE 'train %';
