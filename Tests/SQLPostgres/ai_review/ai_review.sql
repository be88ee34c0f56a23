CREATE TEMP TABLE labelled (body text, label text);
INSERT INTO labelled VALUES
  ('I was charged twice', 'billing'), ('Where is my invoice?', 'billing'), ('The refund has not arrived on my card', 'billing'),
  ('You billed me for a cancelled order', 'billing'), ('The price on the receipt is wrong', 'billing'), ('My payment was declined', 'billing'),
  ('The parcel came two weeks late', 'shipping'), ('My package never arrived', 'shipping'), ('The courier left it in the rain', 'shipping'),
  ('Tracking says it is still in the depot', 'shipping'), ('Delivered to the wrong address', 'shipping'), ('When will my order ship?', 'shipping');
SELECT ai_train('review tickets', 'SELECT body, label FROM labelled')->>'rows';
CREATE TEMP TABLE t (id int PRIMARY KEY, body text);
INSERT INTO t VALUES (1, 'I was charged two times'), (2, 'The parcel came three weeks late'), (3, 'I paid for express shipping and it is still not here'),
  (4, 'I paid for express delivery and it is still not here'), (5, 'Can I change my password?'), (6, 'The invoice shows the wrong address'), (7, ' '), (8, NULL), (9, 'The invoice shows the wrong address');
-- Of two that say the same only one is among the first; texts that it is sure of come last.
SELECT count(*), count(*) FILTER (WHERE id IN ('3', '4')) FROM ai_review('review tickets', 'SELECT body, id FROM t', 3);
SELECT count(*), count(DISTINCT text), min(confidence) >= 0.5, max(confidence) <= 1, count(*) FILTER (WHERE label <> other_label) FROM ai_review('review tickets', 'SELECT body, id FROM t');
-- The same rows, the same answer.
SELECT (SELECT string_agg(id, ',') FROM ai_review('review tickets', 'SELECT body, id FROM t WHERE id < 7', 4)) = (SELECT string_agg(id, ',') FROM ai_review('review tickets', 'SELECT body, id FROM t WHERE id < 7 ORDER BY id DESC', 4));
-- What it was told needs no label any more.
SELECT ai_feedback('review tickets', body, 'billing') FROM t WHERE id = 5;
SELECT count(*), count(*) FILTER (WHERE id = '5') FROM ai_review('review tickets', 'SELECT body, id FROM t');
SELECT id IS NULL FROM ai_review('review tickets', 'SELECT body FROM t', 1);
SELECT count(*) FROM ai_review('review tickets', 'SELECT body FROM t WHERE false');
SELECT count(*) FROM ai_review('review tickets', NULL);
-- Faults.
SELECT * FROM ai_review('review tickets', 'SELECT body, id, 1 FROM t');
SELECT * FROM ai_review('review tickets', 'DELETE FROM t');
SELECT * FROM ai_review('review tickets', 'SELECT missing FROM t');
SELECT * FROM ai_review('review tickets', 'SELECT body FROM t', 0);
SELECT * FROM ai_review('review tickets', 'SELECT body FROM t', 1001);
DELETE FROM sibyl.classifiers WHERE name LIKE 'review %';
DELETE FROM sibyl.feedback WHERE name LIKE 'review %';
