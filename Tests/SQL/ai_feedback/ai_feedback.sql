CREATE TABLE labelled(body TEXT, label TEXT);
INSERT INTO labelled VALUES
  ('I was charged twice', 'billing'), ('Where is my invoice?', 'billing'), ('My payment was declined', 'billing'), ('You billed me for a cancelled order', 'billing'),
  ('The parcel came two weeks late', 'shipping'), ('My package never arrived', 'shipping'), ('The courier left it in the rain', 'shipping'), ('Delivered to the wrong address', 'shipping');
SELECT json_extract(ai_train('tickets', 'SELECT body, label FROM labelled'), '$.rows', '$.corrections') AS report;
-- A text that was corrected is answered so at once, also where the old answer is in the cache.
SELECT ai_sentiment('What a wonderful day'), ai_predict('tickets', 'my parcel is late');
SELECT ai_feedback('ai_sentiment', 'What a wonderful day', 'negative'), ai_feedback('tickets', 'my parcel is late', 'billing');
SELECT ai_sentiment('What a wonderful day'), ai_sentiment_score('What a wonderful day'), ai_predict('tickets', 'my parcel is late');
SELECT name, text, label, created LIKE '20__-__-__T%Z' FROM sibyl_feedback ORDER BY name;
-- Exactly that text, and no other.
SELECT ai_sentiment('What a wonderful day '), ai_sentiment('what a wonderful day'), ai_predict('tickets', 'My parcel is late');
-- The label has probability 1.
SELECT ai_predict('tickets', 'my parcel is late', '{"scores":true}'), ai_predict_proba('tickets', 'my parcel is late'), ai_predict('tickets', 'my parcel is late', '{"min_confidence":1}');
-- ai_classify: wherever the label is asked for.
SELECT ai_feedback('ai_classify', 'It stopped working', 'angry but loyal');
SELECT ai_classify('It stopped working', '["happy","angry but loyal","bored"]'), ai_classify('It stopped working', '["hardware fault","praise"]');
SELECT ai_classify('It stopped working', '["happy","angry but loyal"]', '{"scores":true}'), ai_classify('It stopped working', '["happy","angry but loyal"]', '{"multi_label":true}');
-- Told again: the last word counts. Taken back: as before.
SELECT ai_feedback('ai_sentiment', 'What a wonderful day', 'neutral');
SELECT ai_sentiment('What a wonderful day'), (SELECT count(*) FROM sibyl_feedback WHERE name = 'ai_sentiment');
DELETE FROM sibyl_feedback WHERE name = 'ai_sentiment';
SELECT ai_sentiment('What a wonderful day');
-- With the transaction.
BEGIN;
SELECT ai_feedback('ai_sentiment', 'What a wonderful day', 'negative');
SELECT ai_sentiment('What a wonderful day');
ROLLBACK;
SELECT ai_sentiment('What a wonderful day');
-- Within the statement that tells.
SELECT ai_sentiment('What a ' || column1), ai_feedback('ai_sentiment', 'What a lovely evening', 'negative'), ai_sentiment('What a ' || column1) FROM (VALUES ('lovely evening'));
-- In many rows, in batches, in views and for a column of corrections.
CREATE TABLE t(id INTEGER PRIMARY KEY, body TEXT);
INSERT INTO t(body) SELECT 'I love number ' || value FROM generate_series(1, 60);
SELECT count(ai_feedback('ai_sentiment', body, 'negative')) FROM t WHERE id % 20 = 0;
SELECT ai_sentiment(body) AS mood, count(*) FROM t GROUP BY 1 ORDER BY 1;
SELECT json_extract(ai_prefetch('SELECT ai_sentiment(body) FROM t'), '$.calls', '$.computed');
CREATE VIEW moods AS SELECT id, ai_sentiment(body) AS mood FROM t;
SELECT group_concat(id) FROM moods WHERE mood = 'negative';
-- Learnt: corrections win over the query's labels, and stand for rows that it does not give.
SELECT ai_feedback('tickets', 'I was charged twice', 'shipping'), ai_feedback('tickets', 'The courier was rude', 'shipping'), ai_feedback('tickets', 'I want my money back', 'billing');
CREATE TABLE reports AS SELECT ai_train('tickets', 'SELECT body, label FROM labelled', '{"from":"feedback"}') AS report;
SELECT json_extract(report, '$.rows', '$.corrections', '$.per_class.billing.rows', '$.per_class.shipping.rows') FROM reports;
SELECT json_extract(ai_train('tickets', 'SELECT body, label FROM labelled'), '$.rows');
SELECT ai_predict('tickets', 'I was charged twice');
-- Corrections alone.
SELECT json_extract(ai_train('tickets', 'SELECT 1, 2 WHERE 0', '{"from":"feedback"}'), '$.rows', '$.corrections');
SELECT ai_feedback(NULL, 'x', 'y') IS NULL, ai_feedback('ai_sentiment', NULL, 'y') IS NULL, ai_feedback('ai_sentiment', 'x', NULL) IS NULL;
