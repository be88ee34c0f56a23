SELECT * FROM ai_chunk('It broke. I want a refund! Who can help?', 8);
SELECT count(*) FROM ai_chunk('It broke. I want a refund! Who can help?');
-- start and length are those of substr.
WITH d(t) AS (VALUES ('Ünïcode – déjà vu! 日本語。 Ends here.'))
  SELECT c.position, c.text = substr(t, c.start, c.length) FROM d, ai_chunk(t, 6) AS c;
-- The arguments may come from a table, by position or by name.
CREATE TABLE docs(id INTEGER PRIMARY KEY, body TEXT);
INSERT INTO docs(body) VALUES ('One sentence. Another sentence.'), (NULL), (''), ('Short.');
SELECT id, c.position, c.text FROM docs, ai_chunk(body, 4) AS c ORDER BY id, c.position;
SELECT id, count(c.text) FROM docs LEFT JOIN ai_chunk(docs.body) AS c GROUP BY id;
SELECT id, c.position FROM ai_chunk(docs.body) AS c, docs ORDER BY id;
SELECT text FROM ai_chunk WHERE _text = 'By name. It works.' AND _max_tokens = 4;
-- Every token comes once, or with an overlap more often.
WITH RECURSIVE n(i, t) AS (SELECT 1, '' UNION ALL SELECT i + 1, t || 'Sentence number ' || i || ' says little. ' FROM n WHERE i < 200)
  SELECT ai_count_tokens(t) = (SELECT sum(ai_count_tokens(text)) FROM ai_chunk(t, 50)),
    ai_count_tokens(t) < (SELECT sum(ai_count_tokens(text)) FROM ai_chunk(t, 50, 10)),
    (SELECT max(ai_count_tokens(text)) <= 50 FROM ai_chunk(t, 50, 10)) FROM n ORDER BY i DESC LIMIT 1;
-- No rows.
SELECT count(*) FROM ai_chunk(NULL);
SELECT count(*) FROM ai_chunk(' ');
-- Wrong calls.
SELECT * FROM ai_chunk;
SELECT * FROM ai_chunk();
SELECT * FROM ai_chunk('x', 0);
SELECT * FROM ai_chunk('x', 'many');
SELECT * FROM ai_chunk('x', 10, 6);
SELECT * FROM ai_chunk('x', 10, -1);
SELECT * FROM ai_chunk('x', 10.5);
SELECT * FROM ai_chunk(x'00');
SELECT * FROM ai_chunk('x', 10, 2, 1);
CREATE VIRTUAL TABLE c USING ai_chunk(x);
