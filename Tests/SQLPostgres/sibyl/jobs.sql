-- What create_job and create_column say to wrong arguments, and a job that finishes.
CREATE TABLE sql_reviews (id int PRIMARY KEY, body text, stars int);
INSERT INTO sql_reviews VALUES (1, 'I love it', 5), (2, 'I hate it', 1), (3, NULL, 3);
CREATE TEMPORARY TABLE passing (id int, body text);
SELECT sibyl.create_job('', 'SELECT id, body FROM sql_reviews', 'id', 'ai_sentiment');
SELECT sibyl.create_job('moods', NULL, 'id', 'ai_sentiment');
-- It lists the functions, which grow in number.
DO $$ DECLARE wrong text; BEGIN
  FOREACH wrong IN ARRAY ARRAY['ai_sentimant', 'ai_config', 'ai_chunk', 'ai_agg', 'ai_prefetch', 'lower', NULL] LOOP
    BEGIN
      PERFORM sibyl.create_job('moods', 'SELECT id, body FROM sql_reviews', 'id', wrong);
    EXCEPTION
      WHEN undefined_function THEN
        RAISE WARNING '%', regexp_replace(SQLERRM, 'ai_classify, .*, ai_translate', 'ai_classify … ai_translate');
    END;
  END LOOP;
END $$;
SELECT sibyl.create_job('moods', 'SELECT id, body FROM sql_reviews', 'number', 'ai_sentiment');
SELECT sibyl.create_job('moods', 'SELECT * FROM sql_reviews', 'id', 'ai_sentiment');
SELECT sibyl.create_job('moods', 'SELECT * FROM sql_reviews', 'id', 'ai_sentiment', ARRAY['bodi']);
SELECT sibyl.create_job('moods', 'SELECT * FROM sql_reviews', 'id', 'ai_sentiment', ARRAY['body', 'stars']);
SELECT sibyl.create_job('moods', 'SELECT * FROM sql_reviews', 'id', 'ai_sentiment', ARRAY['ARRAY[body]']);
SELECT sibyl.create_job('moods', 'SELECT * FROM sql_reviews', 'id', 'ai_sentiment', ARRAY[NULL]::text[]);
SELECT sibyl.create_job('moods', 'DELETE FROM sql_reviews RETURNING *', 'id', 'ai_sentiment');
SELECT sibyl.create_job('moods', 'SELECT id, body FROM sql_reviewz', 'id', 'ai_sentiment');
SELECT sibyl.create_job('moods', 'SELECT id, body FROM passing', 'id', 'ai_sentiment');
SELECT sibyl.create_job('moods', 'SELECT stars % 2 AS id, body FROM sql_reviews', 'id', 'ai_sentiment');
SELECT sibyl.create_job('moods', 'SELECT nullif(id, 2) AS id, body FROM sql_reviews', 'id', 'ai_sentiment');
SELECT sibyl.create_job('moods', 'SELECT id AS result, body FROM sql_reviews', 'result', 'ai_sentiment');
SELECT sibyl.create_job('moods', 'SELECT point(id, 0) AS place, body FROM sql_reviews', 'place', 'ai_sentiment');
SELECT sibyl.create_job('moods', 'SELECT id, body FROM sql_reviews', 'id', 'ai_sentiment', target => 'sql_reviews');
SELECT sibyl.create_job('moods', 'SELECT id, body FROM sql_reviews', 'id', 'ai_sentiment', target => 'nowhere.at.all');
SELECT sibyl.create_job('moods', 'SELECT id, body FROM sql_reviews', 'id', 'ai_sentiment', chunk_rows => 0);
SELECT sibyl.create_job('moods', 'SELECT id, body FROM sql_reviews', 'id', 'ai_sentiment', lease => '5 milliseconds');
SELECT to_regclass('moods') IS NULL, count(*) FROM sibyl.jobs WHERE name = 'moods';

SELECT sibyl.create_job('sql_moods', 'SELECT id, body FROM sql_reviews;', key => 'id', function => 'ai_sentiment');
SELECT sibyl.create_job('sql_moods', 'SELECT id, body FROM sql_reviews;', key => 'id', function => 'ai_sentiment', target => 'other');
DO $$ BEGIN
  FOR turn IN 1 .. 300 LOOP
    EXIT WHEN (SELECT state FROM sibyl.jobs WHERE name = 'sql_moods') = 'finished';
    PERFORM pg_sleep(0.1);
    COMMIT;
  END LOOP;
END $$;
SELECT name, state, rows, done, failed, percentage, workers, last_error, function, target FROM sibyl.jobs WHERE name = 'sql_moods';
SELECT * FROM sql_moods ORDER BY id;
SELECT sibyl.pause_job('nothing');
SELECT sibyl.drop_job('sql_moods');

SELECT sibyl.create_column('sql_nothing', 'mood', 'ai_sentiment', ARRAY['body']);
SELECT sibyl.create_column('sql_reviews', 'mood', 'ai_sentiment', NULL);
SELECT sibyl.create_column('sql_reviews', 'mood', 'ai_sentiment', ARRAY['mood']);
SELECT sibyl.create_column('sql_reviews', 'stars', 'ai_sentiment', ARRAY['body']);
SELECT sibyl.create_column('sql_reviews', 'body', 'ai_sentiment', ARRAY['body']);
SELECT sibyl.create_column('sql_reviews', 'mood', 'ai_sentiment', ARRAY['body'], key => 'stars');
SELECT sibyl.create_column('passing', 'mood', 'ai_sentiment', ARRAY['body']);
SELECT sibyl.create_column('sql_reviews', 'mood', 'ai_sentiment', ARRAY['body'], target => 'sql_reviews');
SELECT sibyl.create_column('sql_reviews', 'result', 'ai_sentiment', ARRAY['body'], target => 'sql_moods');
SELECT sibyl.create_column('sql_reviews', 'result', 'ai_sentiment', ARRAY['body'], target => 'sql_moods');
SELECT table_name, column_name, target, state, function FROM sibyl.columns WHERE target = 'sql_moods'::regclass;
SELECT sibyl.detach_column('sql_moods', 'result');
SELECT sibyl.detach_column('sql_moods', 'result');
DROP TABLE sql_moods, sql_reviews;
