SELECT ai_filter('I want my money back', 'the writer asks for a refund') IN (0, 1);
SELECT ai_filter(NULL, 'x') IS NULL, ai_filter('x', NULL) IS NULL, ai_filter(' ', 'x') IS NULL;
SELECT count(*) BETWEEN 0 AND 2 FROM (VALUES ('great'), ('awful')) WHERE ai_filter(column1, 'it is praise');
SELECT ai_filter('x', 'y', '{"colour":1}');
SELECT ai_filter(replace(hex(zeroblob(20000)), '00', 'word '), 'y');
SELECT ai_filter(replace(hex(zeroblob(20000)), '00', 'word '), 'y', '{"on_error":"null"}') IS NULL;
SELECT ai_filter('x');
