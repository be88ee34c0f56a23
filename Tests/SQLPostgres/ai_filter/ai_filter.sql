SELECT ai_filter('I want my money back', 'the writer asks for a refund') IS NOT NULL, pg_typeof(ai_filter('a', 'b'));
SELECT ai_filter('I want my money back', 'the writer asks for a refund', '{"model":"smollm2"}') IS NOT NULL;
SELECT count(*) <= 2 FROM (VALUES ('great'), ('awful')) AS v (body) WHERE ai_filter(body, 'it is praise');
SELECT ai_filter(NULL, 'x') IS NULL, ai_filter('x', NULL) IS NULL, ai_filter(' ', 'x') IS NULL;
SELECT ai_filter(ARRAY['a', NULL, ''], 'b') = ARRAY[ai_filter('a', 'b'), NULL, NULL];
SELECT ai_filter('x', 'y', '{"colour":1}');
