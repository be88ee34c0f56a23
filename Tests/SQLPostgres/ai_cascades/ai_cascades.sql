-- 220 different texts in one array: enough for a sample of 100.
CREATE TABLE long AS SELECT array_agg(format('The %s %s.', subject, done) ORDER BY subject, done) AS texts FROM
  unnest(ARRAY['striker', 'coach', 'referee', 'runner', 'captain', 'bank', 'retailer', 'airline', 'insurer', 'brewery', 'fund']) AS subject,
  unnest(ARRAY['won the match', 'lost the final', 'scored twice', 'broke the record', 'left the league', 'joined the team', 'trained all summer', 'was injured', 'won the cup', 'missed the season',
    'raised its profit forecast', 'cut jobs', 'sold its shares', 'reported a loss', 'bought a rival', 'paid a dividend', 'lowered prices', 'missed its sales target', 'borrowed a billion', 'opened new stores']) AS done;
SELECT cardinality(array_remove(ai_classify(texts, ARRAY['sports','business'], '{"cascade":{"to":"smollm2","target":0.9}}'), NULL)) FROM long;
SELECT function, question, model, target_model, target, threshold IS NOT NULL, sample >= 100, kept + sent, agreement BETWEEN agreement_low AND agreement_high FROM ai_cascades() WHERE question LIKE '%sports%';
SELECT ai_classify('x', ARRAY['a','b'], '{"cascade":{"to":"minilm"}}');
