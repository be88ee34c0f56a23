CREATE TEMP TABLE labelled (body text, label text);
INSERT INTO labelled VALUES
  ('I was charged twice', 'billing'), ('Where is my invoice?', 'billing'), ('The refund has not arrived on my card', 'billing'),
  ('You billed me for a cancelled order', 'billing'), ('The price on the receipt is wrong', 'billing'), ('My payment was declined', 'billing'),
  ('The parcel came two weeks late', 'shipping'), ('My package never arrived', 'shipping'), ('The courier left it in the rain', 'shipping'),
  ('Tracking says it is still in the depot', 'shipping'), ('Delivered to the wrong address', 'shipping'), ('When will my order ship?', 'shipping');
SELECT ai_train('proba tickets', 'SELECT body, label FROM labelled')->>'classes';
SELECT jsonb_typeof(p), (SELECT count(*) FROM jsonb_each(p)), (SELECT abs(sum(value::float) - 1) < 0.001 FROM jsonb_each_text(p)), (p->>'shipping')::float > 0.5
  FROM (SELECT ai_predict_proba('proba tickets', 'the parcel is late') AS p) AS x;
SELECT ai_predict_proba('proba tickets', 'the parcel is late') = ai_predict('proba tickets', 'the parcel is late', '{"scores":true}')::jsonb;
SELECT (ai_predict_proba('proba tickets', ARRAY['the parcel is late', NULL]))[1] = ai_predict_proba('proba tickets', 'the parcel is late');
SELECT ai_predict_proba('proba tickets', NULL) IS NULL, ai_predict_proba('proba tickets', ' ') IS NULL;
SELECT ai_predict_proba('proba tickets');
DELETE FROM sibyl.classifiers WHERE name LIKE 'proba %';
