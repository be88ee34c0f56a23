-- A decoder among the models: it is given the labels to read.
SELECT ai_classify('The parcel came two weeks late', '["billing","shipping"]', '{"model":"smollm2"}') IN ('billing', 'shipping');
SELECT count(*), abs(sum(value) - 1) < 0.001 FROM json_each(ai_classify('The parcel came two weeks late', '["billing","shipping","product quality"]', '{"model":"smollm2","scores":true}'));
SELECT json_array_length(ai_classify('x', '{"a":"first","b":"second"}', '{"model":"smollm2","multi_label":true,"min_confidence":0}'));
SELECT ai_classify('zxcv', '["billing","shipping"]', '{"model":"smollm2","min_confidence":1}') IS NULL, ai_classify(' ', '["a","b"]', '{"model":"smollm2"}') IS NULL;
SELECT ai_classify('Where is my invoice?', '["A","B"]', '{"model":"smollm2","examples":[{"text":"It arrived broken","label":"A"},{"text":"You charged me twice","label":"B"}]}') IN ('A', 'B');
SELECT ai_classify('x', '["A","B"]', '{"model":"smollm2","examples":[{"text":"It arrived broken","label":"C"}]}');
SELECT ai_classify('x', json_array('a', replace(hex(zeroblob(200)), '00', 'word ')), '{"model":"smollm2"}');
SELECT ai_classify(replace(hex(zeroblob(20000)), '00', 'word '), '["a","b"]', '{"model":"smollm2"}');
SELECT ai_classify(replace(hex(zeroblob(20000)), '00', 'word '), '["a","b"]', '{"model":"smollm2","on_error":"null"}') IS NULL;
SELECT ai_classify('x', '["a","b"]', '{"on_error":"ignore"}');
