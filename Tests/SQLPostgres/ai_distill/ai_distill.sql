CREATE TEMP TABLE t (id int PRIMARY KEY, body text);
INSERT INTO t VALUES (1, 'The striker won the match.'), (2, 'The goalkeeper lost the final.'), (3, 'The champion broke the record.'),
  (4, 'The bank sold its shares.'), (5, 'The retailer reported a loss.'), (6, 'The insurer paid a dividend.'), (7, ' '), (8, NULL),
  (9, 'The insurer paid a dividend.');
CREATE TEMP TABLE reports AS SELECT ai_distill('distill topics', 'SELECT body FROM t', ARRAY['sports', 'business']) AS report;
SELECT report->>'from', report->>'sample', report->>'kept', report->>'blank', report->>'classes', jsonb_typeof(report->'agreement_interval') FROM reports;
-- The same with labels as JSON, and of the classifier that is stored.
SELECT ai_distill('distill again', 'SELECT body FROM t ORDER BY id DESC', '["sports","business"]'::jsonb, '{"from":"smollm2","rows":100}')->>'digest' = report->>'digest' FROM reports;
SELECT ai_predict('distill topics', 'The captain scored twice in the match.');
SELECT r->>'sample', r->>'kept' FROM ai_distill('distill again', 'SELECT body FROM t WHERE id <> 6', '["sports","business"]', '{"rows":5}') AS r;
-- Faults.
SELECT ai_distill('distill again', 'SELECT body, id FROM t', ARRAY['sports', 'business']);
SELECT ai_distill('distill again', 'SELECT body FROM t', ARRAY['sports']);
SELECT ai_distill('distill again', 'SELECT body FROM t WHERE id = 1', ARRAY['sports', 'business']);
SELECT ai_distill('distill again', 'SELECT body FROM t', ARRAY['sports', 'business'], '{"from":"minilm"}');
SELECT ai_distill('distill again', 'DELETE FROM t', ARRAY['sports', 'business']);
SELECT ai_distill(NULL, 'SELECT body FROM t', ARRAY['sports', 'business']) IS NULL;
DELETE FROM sibyl.classifiers WHERE name LIKE 'distill %';
