SELECT ai_sentiment_score('Terrible, I want my money back') < -0.5, ai_sentiment_score('I love it') > 0.5;
SELECT pg_typeof(ai_sentiment_score('x')), pg_typeof(ai_sentiment_score(ARRAY['x']));
SELECT ai_sentiment_score('') IS NULL, ai_sentiment_score(NULL::text) IS NULL;
SELECT ai_sentiment_score(ARRAY['I love it', NULL, ' ', 'I hate it']) = ARRAY[ai_sentiment_score('I love it'), NULL, NULL, ai_sentiment_score('I hate it')];
SELECT ai_sentiment_score('{}'::text[]);
SELECT round(avg(score)::numeric, 1) FROM unnest(ai_sentiment_score(ARRAY['I love it', 'I hate it'])) AS score;
