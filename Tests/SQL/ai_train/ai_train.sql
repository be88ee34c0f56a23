CREATE TABLE labelled(body TEXT, label TEXT);
INSERT INTO labelled VALUES
  ('I was charged twice', 'billing'), ('Where is my invoice?', 'billing'), ('The refund has not arrived on my card', 'billing'),
  ('You billed me for a cancelled order', 'billing'), ('The price on the receipt is wrong', 'billing'), ('My payment was declined', 'billing'),
  ('The parcel came two weeks late', 'shipping'), ('My package never arrived', 'shipping'), ('The courier left it in the rain', 'shipping'),
  ('Tracking says it is still in the depot', 'shipping'), ('Delivered to the wrong address', 'shipping'), ('When will my order ship?', 'shipping'),
  ('The screen is cracked', 'quality'), ('It broke after a day', 'quality'), ('The stitching comes apart', 'quality'),
  ('One leg of the chair is shorter', 'quality'), ('The lid does not close', 'quality'), ('It smells of burnt plastic', 'quality');
CREATE TABLE reports AS SELECT ai_train('tickets', 'SELECT body, label FROM labelled') AS report;
-- What is the same on every machine.
SELECT json_extract(report, '$.name', '$.method', '$.model', '$.rows', '$.distinct', '$.blank', '$.classes', '$.folds') FROM reports;
SELECT json_extract(report, '$.accuracy') > 0.6, json_extract(report, '$.macro_f1') > 0.6, json_extract(report, '$.seconds') > 0 FROM reports;
SELECT key, json_extract(value, '$.rows'), json_extract(value, '$.f1') BETWEEN 0 AND 1 FROM reports, json_each(report, '$.per_class');
SELECT sum(n.value) FROM reports, json_each(report, '$.confusion') AS c, json_each(c.value) AS n;
-- The report is kept, and the answer of ai_train is what is kept.
SELECT (SELECT report FROM sibyl_classifiers WHERE name = 'tickets') = report FROM reports;
SELECT ai_predict('tickets', 'My credit card was debited two times'), ai_predict('tickets', 'it is three weeks late'), ai_predict('tickets', 'the glass has a scratch');
-- The same rows give the same classifier: in another order, in another schema, under another name.
CREATE TEMP TABLE shuffled AS SELECT label, body FROM labelled ORDER BY length(body);
SELECT json_extract(ai_train('again', 'SELECT body, label FROM temp.shuffled;'), '$.digest') = json_extract(report, '$.digest') FROM reports;
-- With other folds, or another penalty, it is another one.
SELECT json_extract(ai_train('again', 'SELECT body, label FROM labelled', '{"folds":3,"l2":0.5}'), '$.folds', '$.l2');
SELECT count(*), count(DISTINCT digest) FROM sibyl_classifiers;
-- A row that comes twice counts twice; blank texts are left out; numbers are labels too.
SELECT json_extract(ai_train('numbers', 'SELECT body, 1.5 FROM labelled WHERE label = ''billing'' UNION ALL SELECT body, 2 FROM labelled WHERE label = ''quality'' UNION ALL SELECT body, 2 FROM labelled WHERE label = ''quality'' UNION ALL SELECT '' '', 2'), '$.rows', '$.distinct', '$.blank', '$.classes');
SELECT labels FROM sibyl_classifiers WHERE name = 'numbers';
-- Labels that an AI function gives.
SELECT json_extract(ai_train('moods', 'SELECT body, ai_classify(body, ''["money","goods"]'') FROM labelled'), '$.rows', '$.classes');
-- Options as they may come.
SELECT json_extract(ai_train('again', 'SELECT body, label FROM labelled', '{"method":"head","model":"minilm","seed":1}'), '$.digest') = json_extract(report, '$.digest') FROM reports;
SELECT ai_train(NULL, 'SELECT 1, 2') IS NULL, ai_train('x', NULL) IS NULL;
SELECT name FROM sibyl_classifiers ORDER BY name;
