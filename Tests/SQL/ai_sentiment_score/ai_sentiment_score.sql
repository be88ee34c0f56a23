SELECT ai_sentiment_score('I waited three weeks and it arrived broken') < -0.2, ai_sentiment_score('Absolutely wonderful, I love it!') > 0.2;
SELECT ai_sentiment_score(column1) BETWEEN -1 AND 1 FROM (VALUES ('great'), ('awful'), ('It weighs two kilos.'));
SELECT ai_sentiment_score(NULL) IS NULL, ai_sentiment_score('') IS NULL;
-- Both functions read one computation.
SELECT length(ai_sentiment('read once by both')) > 0;
CREATE TABLE before AS SELECT json_extract(ai_cache_stats(), '$.misses') AS misses;
SELECT ai_sentiment_score('read once by both') BETWEEN -1 AND 1;
SELECT json_extract(ai_cache_stats(), '$.misses') - misses FROM before;
