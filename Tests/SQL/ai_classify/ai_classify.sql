SELECT ai_classify('The parcel came two weeks late', '["billing","shipping","product quality"]');
SELECT ai_classify('I was charged twice', '{"billing":"invoices and payments","shipping":"delivery"}');
-- The order of an object's members and white space in the JSON change nothing.
SELECT ai_classify('I was charged twice', '{ "shipping":"delivery", "billing":"invoices and payments" }');
-- Every label's probability, the most probable first.
SELECT json_type(s), (SELECT count(*) FROM json_each(s)), (SELECT abs(sum(value) - 1) < 0.001 FROM json_each(s)), (SELECT key FROM json_each(s) LIMIT 1)
  FROM (SELECT ai_classify('The parcel came two weeks late', '["billing","shipping","product quality"]', '{"scores":true}') AS s);
-- Don't know.
SELECT ai_classify('zxcv', '["billing","shipping"]', '{"min_confidence":1}') IS NULL;
SELECT ai_classify('The parcel came two weeks late', '["billing","shipping"]', '{"min_confidence":0}');
-- Any number of labels.
SELECT json_type(ai_classify('The parcel came two weeks late', '["billing","shipping"]', '{"multi_label":true}'));
SELECT ai_classify('The parcel came two weeks late', '["billing","shipping"]', '{"multi_label":true,"min_confidence":1}');
SELECT json_array_length(ai_classify('x', '["billing","shipping"]', '{"multi_label":true,"min_confidence":0}'));
SELECT json_type(ai_classify('The parcel came two weeks late', '["billing","shipping"]', '{"multi_label":true,"scores":true}'));
-- Texts whose label is known.
SELECT ai_classify('The screen is cracked', '["A","B"]', '{"examples":[{"text":"It arrived broken","label":"A"},{"text":"The lid is scratched","label":"A"},{"text":"Where is my invoice?","label":"B"},{"text":"You charged me twice","label":"B"}]}');
-- No options, in three ways.
SELECT ai_classify('a late parcel', '["billing","shipping"]', NULL) = ai_classify('a late parcel', '["billing","shipping"]', '{}'), ai_classify('a late parcel', '["billing","shipping"]', '{}') = ai_classify('a late parcel', '["billing","shipping"]');
-- NULL and blank text.
SELECT ai_classify(NULL, '["a","b"]') IS NULL, ai_classify('x', NULL) IS NULL, ai_classify('', '["a","b"]') IS NULL, ai_classify(char(9, 10, 32, 160), '["a","b"]') IS NULL;
-- Labels from a column.
SELECT ai_classify('The parcel is late', column1) FROM (VALUES ('["shipping","cooking"]'), (NULL), ('["cooking","delivery"]'));
-- 1,000 labels are taken, one more is not.
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000)
  SELECT ai_classify('label 7', json_group_array('label ' || i)) IS NOT NULL FROM n;
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1001)
  SELECT ai_classify('label 7', json_group_array('label ' || i)) IS NOT NULL FROM n;
