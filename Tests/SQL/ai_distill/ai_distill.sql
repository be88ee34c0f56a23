-- 240 different texts on two subjects, each twice, and some that say nothing.
CREATE TABLE t AS WITH
  team(subject) AS (VALUES ('The striker'), ('The goalkeeper'), ('Our coach'), ('The champion'), ('The referee'), ('The home side'), ('The runner'), ('The swimmer'), ('The tennis player'), ('The captain'), ('The rookie'), ('The defender')),
  did(rest) AS (VALUES ('won the match.'), ('lost the final.'), ('was injured in the game.'), ('scored twice.'), ('left the league.'), ('broke the record.'), ('missed the season.'), ('joined the team.'), ('trained all summer.'), ('celebrated the cup.')),
  firm(subject) AS (VALUES ('The bank'), ('The retailer'), ('An oil company'), ('The airline'), ('The insurer'), ('The car maker'), ('The software firm'), ('A steel producer'), ('The chip maker'), ('The fund'), ('The brewery'), ('The telecom group')),
  traded(rest) AS (VALUES ('raised its profit forecast.'), ('cut a thousand jobs.'), ('sold its shares.'), ('reported a loss.'), ('bought a rival.'), ('paid a dividend.'), ('lowered its prices.'), ('missed its sales target.'), ('borrowed a billion.'), ('opened new stores.'))
SELECT subject || ' ' || rest AS body FROM team, did UNION ALL SELECT subject || ' ' || rest FROM firm, traded;
CREATE TABLE many AS SELECT body FROM t UNION ALL SELECT body FROM t UNION ALL VALUES (' '), (NULL), ('');
CREATE TABLE reports AS SELECT ai_distill('topics', 'SELECT body FROM many', '["sports","business"]', '{"rows":80}') AS report;
-- What the sample is, and who labelled it.
SELECT json_extract(report, '$.name', '$.method', '$.model', '$.rows', '$.distinct', '$.blank', '$.classes', '$.folds') FROM reports;
SELECT json_extract(report, '$.from', '$.sample', '$.unlabelled', '$.unlearnt', '$.kept') FROM reports;
-- The agreement is the cross-validated accuracy, and lies in its interval.
SELECT json_extract(report, '$.agreement') = json_extract(report, '$.accuracy'), json_extract(report, '$.agreement') BETWEEN json_extract(report, '$.agreement_interval[0]') AND json_extract(report, '$.agreement_interval[1]'), json_extract(report, '$.agreement') > 0.7 FROM reports;
-- It is stored like those of ai_train, with its report, and answers.
SELECT name, method, model, classes, rows, report = (SELECT report FROM reports) FROM ai_classifiers();
SELECT count(*), sum(ai_predict('topics', body) IN ('sports', 'business')) FROM t;
-- It says on most texts what the large model does.
SELECT avg(ai_predict('topics', body) = ai_classify(body, '["sports","business"]', '{"model":"smollm2"}')) > 0.7 FROM (SELECT body FROM t ORDER BY body LIMIT 60);
-- The same texts give the same classifier: in another order, once each, with all that is said by default.
SELECT json_extract(ai_distill('again', 'SELECT body FROM t ORDER BY length(body) DESC', '["sports","business"]', '{"rows":80,"from":"smollm2","model":"minilm","seed":1,"folds":5}'), '$.digest') = json_extract(report, '$.digest') FROM reports;
-- Another seed takes another sample; fewer texts than asked for are all labelled.
SELECT json_extract(ai_distill('again', 'SELECT body FROM t', '["sports","business"]', '{"rows":80,"seed":2}'), '$.digest') <> json_extract(report, '$.digest') FROM reports;
SELECT json_extract(ai_distill('again', 'SELECT body FROM t ORDER BY body LIMIT 40', '{"sports":"games","business":"firms and money"}', '{"l2":0.1,"folds":2}'), '$.sample', '$.kept', '$.folds', '$.l2');
-- What the large model said is what ai_classify says, from the same entries of the cache.
SELECT sum(n.value) FROM reports, json_each(report, '$.confusion') AS c, json_each(c.value) AS n;
SELECT ai_distill(NULL, 'SELECT 1', '["a","b"]') IS NULL, ai_distill('x', NULL, '["a","b"]') IS NULL, ai_distill('x', 'SELECT 1', NULL) IS NULL;
SELECT name FROM sibyl_classifiers ORDER BY name;
