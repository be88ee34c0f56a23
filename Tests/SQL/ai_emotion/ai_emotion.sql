SELECT ai_emotion('Nobody answers my mails and they charged me twice!'), ai_emotion('What a wonderful day with my friends, I am so happy');
SELECT ai_emotion('I miss my grandmother so much'), ai_emotion('Never give up: tomorrow will be better');
SELECT ai_emotion(NULL) IS NULL, ai_emotion('') IS NULL, ai_emotion(char(9, 32)) IS NULL, ai_emotion(42) IN ('anger', 'joy', 'optimism', 'sadness');
-- Every emotion's probability, the most probable first; they sum to 1.
SELECT json_type(s), (SELECT count(*) FROM json_each(s)), (SELECT abs(sum(value) - 1) < 0.001 FROM json_each(s)), (SELECT key FROM json_each(s) LIMIT 1)
  FROM (SELECT ai_emotion('I miss my grandmother so much', '{"scores":true}') AS s);
-- Don't know.
SELECT ai_emotion('The table is made of wood', '{"min_confidence":1}') IS NULL, ai_emotion('The table is made of wood', '{"min_confidence":0}') IS NULL;
SELECT ai_emotion('I miss my grandmother so much', '{"min_confidence":0.4,"scores":true}') IS NOT NULL;
SELECT ai_emotion('I miss my grandmother so much', NULL), ai_emotion('I miss my grandmother so much', '{}');
-- Long text is read in pieces: what is said in most of them counts, wherever it stands.
SELECT ai_emotion(replace(hex(zeroblob(40)), '00', 'I miss my grandmother so much. She died in May and I cry every night. '));
-- Batched, and cached under the classifier's digest.
CREATE TABLE t AS SELECT 'I am furious about order ' || (value % 20) AS body FROM generate_series(1, 60);
SELECT json_extract(ai_explain('SELECT ai_emotion(body) FROM t'), '$.calls', '$.distinct', '$.functions[0].model');
SELECT json_extract(ai_prefetch('SELECT ai_emotion(body) FROM t'), '$.calls', '$.distinct') = '[60,20]';
SELECT json_extract(ai_prefetch('SELECT ai_emotion(body) FROM t'), '$.cached', '$.computed');
SELECT ai_emotion(body), count(*) FROM t GROUP BY 1;
-- Both classifiers beside the plain encoder, in turn.
SELECT ai_sentiment('I miss my grandmother so much'), ai_emotion('I miss my grandmother so much'), length(ai_embed('I miss my grandmother so much')), ai_sentiment('I love it');
-- Faults.
SELECT ai_emotion(x'00');
SELECT ai_emotion();
SELECT ai_emotion('x', 'y');
SELECT ai_emotion('x', '{"multi_label":true}');
SELECT ai_emotion('x', '{"min_confidence":2}');
SELECT ai_emotion('x', '{"scores":1}');
