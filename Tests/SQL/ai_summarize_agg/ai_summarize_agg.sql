CREATE TABLE t(topic, body);
INSERT INTO t VALUES ('parcel', 'The parcel was two weeks late.'), ('parcel', 'It arrived broken.'), ('mail', 'Nobody answered my mails.'), ('none', NULL), ('blank', '');
SELECT typeof(ai_summarize_agg(body)) FROM t;
SELECT topic, typeof(ai_summarize_agg(body, '{"max_words":5}')) FROM t GROUP BY topic ORDER BY topic;
-- Never more words than were asked for.
SELECT max(length(s) - length(replace(s, ' ', '')) + 1) <= 6 FROM (SELECT ai_summarize_agg(body, '{"max_words":6}') AS s FROM t);
SELECT ai_summarize_agg(body) IS NULL FROM t WHERE topic = 'tea';
SELECT ai_summarize_agg(NULL) IS NULL, ai_summarize_agg('') IS NULL;
-- Chosen sentences are the rows' own, in their order.
SELECT ai_summarize_agg(body, '{"method":"extractive"}') FROM t WHERE topic = 'parcel';
SELECT ai_summarize_agg(DISTINCT body) = ai_summarize_agg(body) FROM t;
-- More than the model can read at once.
SELECT length(ai_summarize_agg('Row ' || value || ' says that the kettle leaks and that the lid does not close.', '{"max_words":12}')) > 0 FROM generate_series(1, 400);
SELECT ai_summarize_agg(body, '{"max_words":0}') FROM t;
SELECT ai_summarize_agg(body, '{"method":"magic"}') FROM t;
SELECT ai_summarize_agg(body, '{"words":4}') FROM t;
SELECT ai_summarize_agg(body, 7) FROM t;
SELECT ai_summarize_agg(x'00');
SELECT ai_summarize_agg();
