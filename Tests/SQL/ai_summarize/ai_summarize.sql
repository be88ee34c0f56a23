CREATE TABLE t(body);
INSERT INTO t VALUES ('The parcel was two weeks late. It was raining that day. Nobody answered my mails. In the end I got my money back, but it took three calls and a letter from my lawyer.');
SELECT typeof(ai_summarize(body, 12)) FROM t;
-- Never more words than were asked for.
SELECT max(length(s) - length(replace(s, ' ', '')) + 1) <= 7 FROM (SELECT ai_summarize(body, 7) AS s FROM t);
-- A text that fits is its own summary, and chosen sentences are the text's.
SELECT ai_summarize('Short enough.', 60, '{"method":"extractive"}');
SELECT instr(body, substr(ai_summarize(body, 12, '{"method":"extractive"}'), 1, 20)) > 0 FROM t;
SELECT ai_summarize(NULL) IS NULL, ai_summarize('') IS NULL, ai_summarize('  ', 5, '{"method":"extractive"}') IS NULL;
-- Longer than the model can read.
SELECT length(ai_summarize(group_concat(body, ' ') , 20)) > 0 FROM t, json_each('[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31,32,33,34,35,36,37,38,39,40]');
SELECT ai_summarize('x y z', 0);
SELECT ai_summarize('x y z', 'many');
SELECT ai_summarize('x y z', 5, '{"method":"magic"}');
SELECT ai_summarize('x y z', 5, '{"words":4}');
SELECT ai_summarize(x'00');
SELECT ai_summarize();
