CREATE TEMP TABLE t AS SELECT 'The parcel was two weeks late. It was raining that day. Nobody answered my mails. In the end I got my money back.' AS body;
SELECT array_length(regexp_split_to_array(ai_summarize(body, 7), '\s+'), 1) <= 7 FROM t;
SELECT position(left(ai_summarize(body, 7, '{"method":"extractive"}'), 15) IN body) > 0 FROM t;
SELECT ai_summarize(ARRAY['Short enough.', NULL, ''], 60, '{"method":"extractive"}');
SELECT ai_summarize(body, 0) FROM t;
SELECT ai_summarize(body, 5, '{"method":"magic"}') FROM t;
