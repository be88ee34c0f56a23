SELECT ai_sentiment('I waited three weeks and it arrived broken'), ai_sentiment('Great value and it works perfectly');
SELECT pg_typeof(ai_sentiment('good')), pg_typeof(ai_sentiment(ARRAY['good'])), pg_typeof(ai_sentiment('good'::varchar));
-- NULL and blank text have no mood.
SELECT ai_sentiment(NULL) IS NULL, ai_sentiment('') IS NULL, ai_sentiment(E' \t\n') IS NULL;
-- An array's answers stand where its elements stand.
SELECT ai_sentiment(ARRAY['I love it', NULL, '', 'I hate it', 'I love it']);
SELECT ai_sentiment('{}'::text[]), ai_sentiment(NULL::text[]) IS NULL, ai_sentiment(ARRAY[NULL]::text[]);
SELECT ai_sentiment('[3:4]={"I love it","I hate it"}'::text[]);
SELECT ai_sentiment(ARRAY[['I love it'], ['I hate it']]);
-- In a query, a view, a join, an aggregate.
CREATE TEMPORARY TABLE reviews (id int, body text);
INSERT INTO reviews VALUES (1, 'I love it'), (2, 'I hate it'), (3, NULL), (4, 'I love it'), (5, 'It broke at once');
SELECT ai_sentiment(body) AS mood, count(*) FROM reviews GROUP BY 1 ORDER BY 1;
SELECT id FROM reviews WHERE ai_sentiment(body) = 'negative' ORDER BY id;
CREATE TEMPORARY VIEW moods AS SELECT id, ai_sentiment(body) AS mood FROM reviews;
SELECT mood FROM moods ORDER BY id;
SELECT body, mood FROM (SELECT array_agg(body) AS bodies FROM reviews) AS r, unnest(bodies, ai_sentiment(bodies)) AS u (body, mood) ORDER BY 1, 2;
UPDATE reviews SET body = ai_sentiment(body) WHERE id < 3 RETURNING id, body;
PREPARE mood (text) AS SELECT ai_sentiment($1);
EXECUTE mood ('I love it');
EXECUTE mood (NULL);
-- A cursor, a read-only transaction, a subtransaction.
BEGIN READ ONLY;
DECLARE c CURSOR FOR SELECT ai_sentiment(body) FROM reviews ORDER BY id;
FETCH 2 FROM c;
SAVEPOINT s;
SELECT ai_sentiment();
ROLLBACK TO s;
FETCH 1 FROM c;
COMMIT;
-- In a function, and in a loop.
DO $$DECLARE mood text; BEGIN FOR mood IN SELECT ai_sentiment('I love number ' || i) FROM generate_series(1, 3) AS i LOOP RAISE NOTICE '%', mood; END LOOP; END$$;
-- Numbers are no text.
SELECT ai_sentiment(5);
SELECT ai_sentiment('a', 'b');
