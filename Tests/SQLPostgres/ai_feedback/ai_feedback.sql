CREATE TEMP TABLE labelled (body text, label text);
INSERT INTO labelled VALUES
  ('I was charged twice', 'billing'), ('Where is my invoice?', 'billing'), ('The refund has not arrived on my card', 'billing'),
  ('You billed me for a cancelled order', 'billing'), ('The price on the receipt is wrong', 'billing'), ('My payment was declined', 'billing'),
  ('The parcel came two weeks late', 'shipping'), ('My package never arrived', 'shipping'), ('The courier left it in the rain', 'shipping'),
  ('Tracking says it is still in the depot', 'shipping'), ('Delivered to the wrong address', 'shipping'), ('When will my order ship?', 'shipping');
SELECT ai_train('feedback tickets', 'SELECT body, label FROM labelled')->>'rows';
-- A text that was corrected is answered so at once, also where the old answer is in the cache.
SELECT ai_sentiment('What a wonderful evening'), ai_predict('feedback tickets', 'my parcel is late');
SELECT ai_feedback('ai_sentiment', 'What a wonderful evening', 'negative'), ai_feedback('feedback tickets', 'my parcel is late', 'billing');
SELECT ai_sentiment('What a wonderful evening'), ai_sentiment_score('What a wonderful evening'), ai_predict('feedback tickets', 'my parcel is late');
SELECT name, text, label, octet_length(key), created_by = current_user FROM sibyl.feedback WHERE text IN ('What a wonderful evening', 'my parcel is late') ORDER BY name;
-- In arrays, among others, and once more from the cache.
SELECT ai_sentiment(ARRAY['What a wonderful evening', NULL, 'What a wonderful evening!']), ai_predict('feedback tickets', ARRAY['my parcel is late', 'My parcel is late']) FROM generate_series(1, 2);
SELECT p->'calls', p->'cached' FROM ai_prefetch('SELECT ''my parcel is late''', 'ai_predict', 'feedback tickets') AS p;
-- Exactly that text, and no other.
SELECT ai_sentiment('What a wonderful evening '), ai_sentiment('what a wonderful evening'), ai_predict('feedback tickets', 'My parcel is late');
-- The label has probability 1.
SELECT ai_predict('feedback tickets', 'my parcel is late', '{"scores":true}'), ai_predict_proba('feedback tickets', 'my parcel is late'), ai_predict('feedback tickets', 'my parcel is late', '{"min_confidence":1}');
-- A statement sees what was told before it began.
SELECT ai_feedback('ai_emotion', 'My package went missing', 'joy'), ai_emotion('My package went missing');
SELECT ai_emotion('My package went missing'), ai_emotion('My package went missing', '{"scores":true}');
-- ai_classify: wherever the label is asked for.
SELECT ai_feedback('ai_classify', 'It stopped working again', 'angry but loyal');
SELECT ai_classify('It stopped working again', ARRAY['happy', 'angry but loyal', 'bored']), ai_classify('It stopped working again', ARRAY['hardware fault', 'praise']);
SELECT ai_classify(ARRAY['It stopped working again'], ARRAY['happy', 'angry but loyal'], '{"scores":true}'), ai_classify('It stopped working again', ARRAY['happy', 'angry but loyal'], '{"multi_label":true}');
-- Told again: the last word counts. Taken back: as before.
SELECT ai_feedback('ai_sentiment', 'What a wonderful evening', 'neutral');
SELECT ai_sentiment('What a wonderful evening'), (SELECT count(*) FROM sibyl.feedback WHERE text = 'What a wonderful evening');
DELETE FROM sibyl.feedback WHERE text = 'What a wonderful evening';
SELECT ai_sentiment('What a wonderful evening');
-- With the transaction.
BEGIN;
SELECT ai_feedback('ai_sentiment', 'What a wonderful evening', 'negative');
SELECT ai_sentiment('What a wonderful evening');
ROLLBACK;
SELECT ai_sentiment('What a wonderful evening');
-- A long text, and many.
SELECT ai_feedback('ai_sentiment', repeat('so so. ', 2000), 'positive');
SELECT ai_sentiment(repeat('so so. ', 2000));
CREATE TEMP TABLE t AS SELECT n AS id, 'I love number ' || n AS body FROM generate_series(1, 60) AS n;
SELECT count(ai_feedback('ai_sentiment', body, 'negative')) FROM t WHERE id % 20 = 0;
SELECT ai_sentiment(body) AS mood, count(*) FROM t GROUP BY 1 ORDER BY 1;
-- Learnt: corrections win over the query's labels, and stand for rows that it does not give.
SELECT ai_feedback('feedback tickets', 'I was charged twice', 'shipping'), ai_feedback('feedback tickets', 'The courier was rude', 'shipping'), ai_feedback('feedback tickets', 'I want my money back', 'billing');
SELECT r->>'rows', r->>'corrections', r->'per_class'->'billing'->>'rows', r->'per_class'->'shipping'->>'rows' FROM ai_train('feedback tickets', 'SELECT body, label FROM labelled', '{"from":"feedback"}') AS r;
SELECT ai_train('feedback tickets', 'SELECT body, label FROM labelled')->>'rows';
SELECT ai_predict('feedback tickets', 'I was charged twice');
-- Corrections alone.
SELECT r->>'rows', r->>'corrections' FROM ai_train('feedback tickets', 'SELECT 1, 2 WHERE false', '{"from":"feedback"}') AS r;
SELECT ai_feedback(NULL, 'x', 'y') IS NULL, ai_feedback('ai_sentiment', NULL, 'y') IS NULL, ai_feedback('ai_sentiment', 'x', NULL) IS NULL;
-- Faults.
SELECT ai_feedback('ai_sentiment', 'x', 'great');
SELECT ai_feedback('ai_embed', 'x', 'great');
SELECT ai_feedback('feedback tickets', 'x', 'praise');
SELECT ai_feedback('feedback tickets', ' ', 'billing');
BEGIN READ ONLY;
SELECT ai_feedback('ai_sentiment', 'x', 'negative');
ROLLBACK;
DELETE FROM sibyl.feedback WHERE name LIKE 'feedback %' OR text LIKE 'so so.%' OR text LIKE 'I love number%' OR text LIKE 'My package went%' OR text LIKE 'It stopped%';
DELETE FROM sibyl.classifiers WHERE name LIKE 'feedback %';
