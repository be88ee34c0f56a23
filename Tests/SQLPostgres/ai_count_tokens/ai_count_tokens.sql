SELECT ai_count_tokens('Hello, world!'), pg_typeof(ai_count_tokens('x')), pg_typeof(ai_count_tokens(ARRAY['x']));
SELECT ai_count_tokens(''), ai_count_tokens(NULL) IS NULL, ai_count_tokens('x', 'minilm'), ai_count_tokens('x', NULL);
SELECT ai_count_tokens(ARRAY['Hello, world!', NULL, '', 'x']);
SELECT ai_count_tokens(repeat('word ', 10000));
SELECT sum(ai_count_tokens('number ' || i)) FROM generate_series(1, 10) AS i;
SELECT ai_count_tokens('x', 'no such model');
