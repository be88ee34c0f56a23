CREATE TEMPORARY TABLE texts AS SELECT 'Prefetched text ' || i % 4 AS body, i AS id FROM generate_series(1, 8) AS i;
INSERT INTO texts VALUES (NULL, 9);
SELECT ai_prefetch('SELECT body FROM texts', 'ai_sentiment') - 'seconds';
SELECT ai_prefetch('SELECT body FROM texts', 'ai_sentiment') - 'seconds';
SELECT ai_prefetch('SELECT body FROM texts', 'ai_classify', '["kitchen","sport"]') - 'seconds';
-- The labels' white space and the options that are not given change nothing.
SELECT ai_prefetch('SELECT body FROM texts;', 'ai_classify', '[ "kitchen", "sport" ]', NULL) - 'seconds';
SELECT ai_prefetch('SELECT body FROM texts WHERE id > 4', 'ai_embed', 'minilm') ->> 'computed';
SELECT ai_prefetch($$SELECT body -- the column
  FROM texts -- ; the end$$, 'ai_score', 'a pan') ->> 'distinct';
SELECT ai_prefetch('VALUES (123451), (123452)', 'ai_sentiment_score') ->> 'computed';
SELECT ai_prefetch(NULL, 'ai_sentiment') IS NULL, ai_prefetch('SELECT NULL', 'ai_sentiment') - 'seconds';
-- What can't be.
SELECT ai_prefetch('SELECT body FROM texts', 'ai_count_tokens');
SELECT ai_prefetch('SELECT body FROM texts', 'ai_classify');
SELECT ai_prefetch('SELECT body FROM texts', 'ai_classify', '["kitchen"]');
SELECT ai_prefetch('SELECT body FROM texts', 'ai_sentiment', 'x');
SELECT ai_prefetch('SELECT nothing FROM texts', 'ai_sentiment');
SELECT ai_prefetch('DELETE FROM texts', 'ai_sentiment');
SELECT ai_prefetch('SELECT 1; SELECT 2', 'ai_sentiment');
SELECT ai_prefetch('', 'ai_sentiment');
SELECT count(*) FROM texts;
