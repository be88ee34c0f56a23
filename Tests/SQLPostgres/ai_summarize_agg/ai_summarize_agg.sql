CREATE TEMP TABLE t (topic text, body text);
INSERT INTO t VALUES ('parcel', 'The parcel was two weeks late.'), ('parcel', 'It arrived broken.'), ('mail', 'Nobody answered my mails.'), ('none', NULL);
SELECT topic, ai_summarize_agg(body, '{"max_words":5}') IS NOT NULL FROM t GROUP BY topic ORDER BY topic;
SELECT array_length(regexp_split_to_array(ai_summarize_agg(body, '{"max_words":6}'), '\s+'), 1) <= 6 FROM t;
SELECT ai_summarize_agg(body, '{"method":"extractive"}' ORDER BY body DESC) FROM t WHERE topic = 'parcel';
SELECT ai_summarize_agg(body) IS NULL FROM t WHERE topic = 'tea';
SELECT ai_summarize_agg(body, '{"max_words":0}') FROM t;
SELECT ai_summarize_agg(body, '{"method":"magic"}') FROM t;
