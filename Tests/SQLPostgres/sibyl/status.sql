SELECT count(*), bool_and(uptime > '0s' AND started <= now() + '1 second' AND version = split_part(ai_version(), ' ', 2)) FROM sibyl.status;
SELECT ok, detail ~ '^sibyl \S+ at 127\.0\.0\.1:\d+, up \d\d:\d\d:\d\d, \d+ requests, \d+ waiting$' FROM sibyl.health();
-- Everything here says what it is.
SELECT count(*) FROM pg_proc WHERE pronamespace = 'sibyl'::regnamespace AND prosrc LIKE '%Part of Sibyl%' AND obj_description(oid, 'pg_proc') IS NULL;
SELECT obj_description('ai_sentiment(text)'::regprocedure, 'pg_proc');
SELECT obj_description('ai_sentiment(text[])'::regprocedure, 'pg_proc');
