CREATE TABLE labelled(body TEXT, label TEXT);
INSERT INTO labelled VALUES
  ('I was charged twice', 'billing'), ('Where is my invoice?', 'billing'), ('My payment was declined', 'billing'), ('You billed me for a cancelled order', 'billing'),
  ('The parcel came two weeks late', 'shipping'), ('My package never arrived', 'shipping'), ('The courier left it in the rain', 'shipping'), ('Delivered to the wrong address', 'shipping');
SELECT json_extract(ai_train('tickets', 'SELECT body, label FROM labelled'), '$.rows');
CREATE TABLE t(id INTEGER PRIMARY KEY, body TEXT);
INSERT INTO t VALUES (1, 'I was charged two times'), (2, 'The parcel came three weeks late'), (3, 'I paid for express shipping and it is still not here'),
  (4, 'I paid for express delivery and it is still not here'), (5, 'Can I change my password?'), (6, 'The invoice shows the wrong address'), (7, ' '), (8, NULL), (9, 'The invoice shows the wrong address');
-- Texts that it wavers about come before those that it is sure of, and of two that say the same only one is among the first.
SELECT count(*), sum(id IN (3, 4)), sum(id = 1) FROM ai_review('tickets', 'SELECT body, id FROM t', 3);
SELECT count(*), count(DISTINCT text), min(confidence) >= 0.5, max(confidence) <= 1, sum(label <> other_label) FROM ai_review('tickets', 'SELECT body, id FROM t');
SELECT sum(abs(confidence - (1 + margin) / 2) < 0.001) FROM ai_review('tickets', 'SELECT body FROM t WHERE id < 7');
-- The same rows, the same answer.
SELECT (SELECT group_concat(id) FROM ai_review('tickets', 'SELECT body, id FROM t WHERE id < 7', 4)) = (SELECT group_concat(id) FROM ai_review('tickets', 'SELECT body, id FROM t WHERE id < 7 ORDER BY id DESC', 4));
-- What it was told needs no label any more.
SELECT ai_feedback('tickets', body, 'billing') FROM t WHERE id = 5;
SELECT count(*), sum(id = 5) FROM ai_review('tickets', 'SELECT body, id FROM t');
SELECT typeof(id) FROM ai_review('tickets', 'SELECT body FROM t', 1);
SELECT count(*) FROM ai_review('tickets', 'SELECT body FROM t WHERE 0');
SELECT count(*) FROM ai_review('tickets', NULL);
-- Faults.
SELECT * FROM ai_review('missing', 'SELECT body FROM t');
SELECT * FROM ai_review('tickets', 'SELECT body, id, 1 FROM t');
SELECT * FROM ai_review('tickets', 'SELECT x''00''');
SELECT * FROM ai_review('tickets', 'DELETE FROM t');
SELECT * FROM ai_review('tickets', 'SELECT missing FROM t');
SELECT * FROM ai_review('tickets', 'SELECT body FROM t', 0);
SELECT * FROM ai_review('tickets', 'SELECT body FROM t', 1001);
SELECT * FROM ai_review('tickets');
