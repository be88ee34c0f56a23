SELECT ai_sentiment('I waited three weeks and it arrived broken');
SELECT ai_sentiment('Absolutely wonderful, I love it!');
SELECT ai_sentiment(NULL) IS NULL, ai_sentiment('') IS NULL, ai_sentiment('  ') IS NULL;
SELECT ai_sentiment(42) IN ('positive', 'negative', 'neutral');
SELECT count(*) FROM (VALUES ('great'), ('awful'), ('It weighs two kilos.')) WHERE ai_sentiment(column1) IN ('positive', 'negative', 'neutral');
SELECT ai_sentiment(x'00');
SELECT ai_sentiment();
