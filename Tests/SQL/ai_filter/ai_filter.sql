SELECT ai_filter('I want my money back', 'the writer asks for a refund'), ai_filter('It will rain all day', 'the writer asks for a refund');
SELECT column1 FROM (VALUES ('The soup was cold'), ('Parcel never came'), ('The home team won the cup final')) WHERE ai_filter(column1, 'the text is about sports');
SELECT ai_filter(NULL, 'x') IS NULL, ai_filter('x', NULL) IS NULL, ai_filter(' ', 'x') IS NULL, ai_filter('x', ' ') IS NULL;
-- Without a decoder a text of any length is read whole.
SELECT ai_filter(replace(hex(zeroblob(20000)), '00', 'football '), 'the text is about sports');
-- A decoder is asked for yes or no.
SELECT ai_filter('I want my money back', 'the writer asks for a refund', '{"model":"smollm2"}') IN (0, 1);
SELECT count(*) BETWEEN 0 AND 2 FROM (VALUES ('great'), ('awful')) WHERE ai_filter(column1, 'it is praise', '{"model":"smollm2"}');
SELECT ai_filter('x', 'y', '{"colour":1}');
SELECT ai_filter('x', 'y', '{"model":"nobody"}');
SELECT ai_filter(replace(hex(zeroblob(20000)), '00', 'word '), 'y', '{"model":"smollm2"}');
SELECT ai_filter(replace(hex(zeroblob(20000)), '00', 'word '), 'y', '{"model":"smollm2","on_error":"null"}') IS NULL;
SELECT ai_filter('x');
