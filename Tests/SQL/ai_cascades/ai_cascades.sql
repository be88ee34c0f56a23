SELECT count(*) FROM ai_cascades();
-- 240 different texts on two subjects.
CREATE TABLE t AS WITH
  team(subject) AS (VALUES ('The striker'), ('The goalkeeper'), ('Our coach'), ('The champion'), ('The referee'), ('The home side'), ('The runner'), ('The swimmer'), ('The tennis player'), ('The captain'), ('The rookie'), ('The defender')),
  did(rest) AS (VALUES ('won the match.'), ('lost the final.'), ('was injured in the game.'), ('scored twice.'), ('left the league.'), ('broke the record.'), ('missed the season.'), ('joined the team.'), ('trained all summer.'), ('celebrated the cup.')),
  firm(subject) AS (VALUES ('The bank'), ('The retailer'), ('An oil company'), ('The airline'), ('The insurer'), ('The car maker'), ('The software firm'), ('A steel producer'), ('The chip maker'), ('The fund'), ('The brewery'), ('The telecom group')),
  traded(rest) AS (VALUES ('raised its profit forecast.'), ('cut a thousand jobs.'), ('sold its shares.'), ('reported a loss.'), ('bought a rival.'), ('paid a dividend.'), ('lowered its prices.'), ('missed its sales target.'), ('borrowed a billion.'), ('opened new stores.'))
SELECT subject || ' ' || rest AS body FROM team, did UNION ALL SELECT subject || ' ' || rest FROM firm, traded;
-- The report says how many went where; the sample is the decoder's.
CREATE TABLE report AS SELECT ai_prefetch('SELECT ai_classify(body, ''["sports","business"]'', ''{"cascade":{"to":"smollm2","target":0.9}}'') FROM t') AS report;
SELECT json_extract(report, '$.computed', '$.cascades[0].function', '$.cascades[0].to', '$.cascades[0].target'), json_extract(report, '$.cascades[0].sample') >= 100 FROM report;
SELECT json_extract(report, '$.cascades[0].kept') + json_extract(report, '$.cascades[0].sent'), json_extract(report, '$.cascades[0].sent') >= 100, json_extract(report, '$.cascades[0].kept') > 0 FROM report;
SELECT json_extract(report, '$.cascades[0].agreement') BETWEEN json_extract(report, '$.cascades[0].agreement_interval[0]') AND json_extract(report, '$.cascades[0].agreement_interval[1]') FROM report;
-- The table says the same.
SELECT function, question, model, target_model, target, sample >= 100, kept = json_extract(report, '$.cascades[0].kept'), sent = json_extract(report, '$.cascades[0].sent') FROM ai_cascades(), report;
-- What the decoder answers itself is never answered otherwise: at least so many rows agree.
SELECT sum(ai_classify(body, '["sports","business"]', '{"cascade":{"to":"smollm2","target":0.9}}') = ai_classify(body, '["sports","business"]', '{"model":"smollm2"}')) >= json_extract(report, '$.cascades[0].sent') FROM t, report;
-- The same route for rows that come later, one at a time.
SELECT ai_classify('The archer hit the target in the final.', '["sports","business"]', '{"cascade":{"to":"smollm2","target":0.9}}') IN ('sports', 'business');
SELECT sum(kept + sent) FROM ai_cascades();
-- A text that comes alone, without a route, goes to the decoder.
SELECT ai_classify('The archer hit the target in the final.', '["war","peace"]', '{"cascade":{"to":"smollm2"}}') = ai_classify('The archer hit the target in the final.', '["war","peace"]', '{"model":"smollm2"}');
SELECT kept, sent, threshold IS NULL, agreement FROM ai_cascades() WHERE question LIKE '%war%';
-- ai_filter takes the same way.
SELECT json_extract(ai_prefetch('SELECT count(*) FROM t WHERE ai_filter(body, ''the text is about sports'', ''{"cascade":{"to":"smollm2","target":0.8,"sample":60}}'')'), '$.computed', '$.cascades[0].function');
SELECT ai_filter(NULL, 'the text is about sports', '{"cascade":{"to":"smollm2"}}') IS NULL, ai_filter(' ', 'the text is about sports', '{"cascade":{"to":"smollm2"}}') IS NULL;
SELECT ai_classify('x', '["a","b"]', '{"cascade":"smollm2"}');
SELECT ai_classify('x', '["a","b"]', '{"cascade":{"target":0.9}}');
SELECT ai_classify('x', '["a","b"]', '{"cascade":{"to":"smollm2","target":1.5}}');
SELECT ai_classify('x', '["a","b"]', '{"cascade":{"to":"smollm2","sample":5}}');
SELECT ai_classify('x', '["a","b"]', '{"cascade":{"to":"smollm2","from":"minilm"}}');
SELECT ai_classify('x', '["a","b"]', '{"cascade":{"to":"missing"}}');
SELECT ai_classify('x', '["a","b"]', '{"cascade":{"to":"minilm"}}');
SELECT ai_classify('x', '["a","b"]', '{"model":"smollm2","cascade":{"to":"smollm2"}}');
SELECT ai_classify('x', '["a","b"]', '{"multi_label":true,"cascade":{"to":"smollm2"}}');
SELECT ai_filter('x', 'y', '{"cascade":{}}');
