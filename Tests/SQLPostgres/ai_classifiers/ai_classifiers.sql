CREATE TEMP TABLE labelled (body text, label text);
INSERT INTO labelled VALUES
  ('I was charged twice', 'billing'), ('Where is my invoice?', 'billing'), ('The refund has not arrived on my card', 'billing'),
  ('You billed me for a cancelled order', 'billing'), ('The price on the receipt is wrong', 'billing'), ('My payment was declined', 'billing'),
  ('The parcel came two weeks late', 'shipping'), ('My package never arrived', 'shipping'), ('The courier left it in the rain', 'shipping'),
  ('Tracking says it is still in the depot', 'shipping'), ('Delivered to the wrong address', 'shipping'), ('When will my order ship?', 'shipping');
SELECT ai_train('list tickets', 'SELECT body, label FROM labelled')->>'classes';
SELECT name, method, classes, rows, accuracy > 0.5, macro_f1 > 0.5, labels, model, created > '2025-01-01', length(digest), state FROM ai_classifiers() WHERE name LIKE 'list %';
SELECT report->>'rows', pg_typeof(report), pg_typeof(labels) FROM ai_classifiers() WHERE name = 'list tickets';
-- One of another encoder.
INSERT INTO sibyl.classifiers SELECT 'list other', method, 'othermodel', replace(encoder, '5', '6'), labels, report, digest, weights FROM sibyl.classifiers WHERE name = 'list tickets';
SELECT name, state = 'ready', state LIKE 'the classifier "list other" was trained with another encoder than those installed: othermodel, %' FROM ai_classifiers() WHERE name LIKE 'list %';
DELETE FROM sibyl.classifiers WHERE name LIKE 'list %';
SELECT count(*) FROM ai_classifiers() WHERE name LIKE 'list %';
