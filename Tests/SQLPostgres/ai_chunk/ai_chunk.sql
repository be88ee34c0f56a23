SELECT * FROM ai_chunk('It broke. I want a refund! Who can help?', 8);
SELECT count(*) FROM ai_chunk('It broke. I want a refund! Who can help?');
SELECT position, c.text FROM ai_chunk('One two three four five six seven eight nine ten.', max_tokens => 6, overlap => 2) AS c;
-- start and length are those of substr.
SELECT bool_and(c.text = substr(t, c.start::int, c.length::int)), count(*) FROM (VALUES ('Ünïcode – déjà vu! 日本語。 Ends here.')) AS d (t), ai_chunk(t, 6) AS c;
-- Over a table.
CREATE TEMPORARY TABLE docs (id int, body text);
INSERT INTO docs VALUES (1, 'One sentence. Another sentence.'), (2, NULL), (3, ''), (4, 'Short.');
SELECT id, c.position, c.text FROM docs, ai_chunk(body, 4) AS c ORDER BY id, c.position;
SELECT id, count(c.text) FROM docs LEFT JOIN LATERAL ai_chunk(body) AS c ON true GROUP BY id ORDER BY id;
SELECT (ai_chunk('One. Two.', 4)).text;
-- Every token comes once.
SELECT ai_count_tokens(t) = (SELECT sum(ai_count_tokens(text)) FROM ai_chunk(t, 50)) FROM (SELECT string_agg('Sentence number ' || i || ' says little. ', '') AS t FROM generate_series(1, 200) AS i) AS long;
SELECT count(*) FROM ai_chunk(NULL);
SELECT count(*) FROM ai_chunk('x', NULL);
-- Wrong calls.
SELECT * FROM ai_chunk('x', 0);
SELECT * FROM ai_chunk('x', 10, 6);
SELECT * FROM ai_chunk('x', 10, -1);
SELECT * FROM ai_chunk('x', 'many');
SELECT * FROM ai_chunk();
