SELECT ai_score('I want my money back', 'refund') > ai_score('The weather is lovely', 'refund');
SELECT ai_score('I want my money back', 'refund') BETWEEN 0 AND 1, pg_typeof(ai_score('a', 'b'));
SELECT ai_score('', 'a') IS NULL, ai_score('a', ' ') IS NULL, ai_score(NULL, 'a') IS NULL, ai_score('a', NULL) IS NULL;
SELECT ai_score(ARRAY['a', NULL, ''], 'b') = ARRAY[ai_score('a', 'b'), NULL, NULL];
SELECT body FROM (VALUES ('Where is my invoice?'), ('The lid is scratched'), ('I want my money back')) AS v (body) ORDER BY ai_score(body, 'refund') DESC LIMIT 1;
SELECT ai_score('a');
