-- 1 MB of text is read in windows, all of it.
CREATE TABLE long AS SELECT replace(hex(zeroblob(20000)), '00', 'The parcel came late and it was broken by then. ') AS body;
SELECT length(body) FROM long;
SELECT length(ai_embed(body)) FROM long;
SELECT ai_sentiment(body) IN ('positive', 'negative', 'neutral') FROM long;
SELECT ai_count_tokens(body) FROM long;
SELECT count(*) > 100 FROM long, ai_chunk(body);
-- One word of 1 MB.
SELECT length(ai_embed(hex(zeroblob(500000)))), ai_count_tokens(hex(zeroblob(500000)));
-- The limit, 16 MiB, and one byte more.
SELECT ai_count_tokens(printf('%.*c', 16777216, ' '));
SELECT ai_count_tokens(printf('%.*c', 16777217, ' '));
SELECT ai_embed(printf('%.*c', 16777217, 'x'));
SELECT * FROM ai_chunk(printf('%.*c', 16777217, 'x'));
