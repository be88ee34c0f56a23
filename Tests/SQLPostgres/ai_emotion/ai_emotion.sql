SELECT ai_emotion('I miss my grandmother so much'), ai_emotion('What a wonderful day with my friends, I am so happy');
SELECT pg_typeof(ai_emotion('I am so happy')), pg_typeof(ai_emotion(ARRAY['I am so happy']));
SELECT ai_emotion(NULL) IS NULL, ai_emotion('') IS NULL;
SELECT ai_emotion(ARRAY['I miss my grandmother so much', NULL, ' ', 'I am so happy today']);
-- Options.
SELECT key, value::numeric > 0.4 FROM json_each_text(ai_emotion('I miss my grandmother so much', '{"scores":true}')::json) LIMIT 1;
SELECT round(sum(value::numeric), 2) FROM json_each_text(ai_emotion('I miss my grandmother so much', '{"scores":true}')::json);
SELECT ai_emotion('The table is made of wood', '{"min_confidence":1}') IS NULL, ai_emotion('The table is made of wood', '{"min_confidence":0}') IS NULL;
SELECT ai_emotion(ARRAY['The table is made of wood', 'I miss my grandmother so much'], '{"min_confidence":1}');
-- In a query.
SELECT ai_emotion(body) AS emotion, count(*) FROM (VALUES ('I am so happy today'), ('I miss my grandmother so much'), ('I am so happy today')) AS t (body) GROUP BY 1 ORDER BY 1;
-- Faults.
SELECT ai_emotion('x', '{"min_confidence":2}');
SELECT ai_emotion('x', '{"labels":[]}');
SELECT ai_emotion(5);
