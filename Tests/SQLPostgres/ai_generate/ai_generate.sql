SELECT pg_typeof(ai_generate('Say hello.', '{"max_tokens":4}')), ai_generate('Say hello.', '{"max_tokens":4}') = ai_gen('Say hello.', '{"max_tokens":4}');
SELECT cardinality(ai_generate(ARRAY['Say hello.', NULL, 'Say bye.'], '{"max_tokens":4}')), (ai_generate(ARRAY['Say hello.', NULL], '{"max_tokens":4}'))[2];
SELECT ai_generate(NULL) IS NULL;
SELECT ai_generate(' ');
SELECT ai_generate('x', '{"max_tokens":0}');
SELECT ai_generate('x', '{"model":"missing"}');
SELECT ai_generate(repeat('word ', 20000));
SELECT ai_generate(repeat('word ', 20000), '{"on_error":"null"}') IS NULL;
