-- A stand-in for a server: it repeats the last line of what it is asked, or fills a schema.
SELECT ai_generate('Say something', '{"model":"gpt"}');
SELECT ai_extract('Anna lives in Oslo', '["name","city"]', '{"model":"gpt"}');
SELECT ai_classify('I was charged twice, this is about billing', '["shipping","billing"]', '{"model":"gpt"}');
SELECT ai_classify('billing', '["shipping","billing"]', '{"model":"gpt","scores":true}');
SELECT ai_classify('billing and shipping', '["shipping","returns","billing"]', '{"model":"gpt","multi_label":true}');
SELECT ai_filter('Yes, I want my money back', 'asks for a refund', '{"model":"gpt"}');
SELECT ai_summarize('A long text.', 10, '{"model":"gpt"}');
SELECT ai_translate('Good morning', 'French', '{"model":"gpt"}');
SELECT ai_mask('Anna wrote', '["name"]', '{"model":"gpt"}');
SELECT ai_agg(body, 'What do they say?', '{"model":"gpt"}') FROM (SELECT 'one' AS body UNION ALL SELECT 'two');
SELECT length(ai_embed('aab', 'vectors')), vec FROM (SELECT hex(ai_embed('aab', 'vectors')) AS vec);
SELECT name, kind, state FROM ai_models() WHERE name IN ('gpt', 'vectors') ORDER BY name;
-- many rows at once
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 40)
SELECT count(DISTINCT ai_generate('row ' || i, '{"model":"gpt"}')) FROM n;
SELECT json_extract(ai_explain('SELECT ai_generate(''new'', ''{"model":"gpt"}'')'), '$.to_compute', '$.seconds');
