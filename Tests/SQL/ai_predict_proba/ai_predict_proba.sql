SELECT json_extract(ai_train('tickets', 'SELECT * FROM (VALUES
  (''I was charged twice'', ''billing''), (''Where is my invoice?'', ''billing''), (''My payment was declined'', ''billing''), (''You billed me for a cancelled order'', ''billing''),
  (''The parcel came two weeks late'', ''shipping''), (''My package never arrived'', ''shipping''), (''The courier left it in the rain'', ''shipping''), (''Delivered to the wrong address'', ''shipping''))'), '$.classes');
SELECT json_type(p), (SELECT count(*) FROM json_each(p)), (SELECT abs(sum(value) - 1) < 0.001 FROM json_each(p)), (SELECT key FROM json_each(p) LIMIT 1)
  FROM (SELECT ai_predict_proba('tickets', 'the parcel is late') AS p);
SELECT ai_predict_proba('tickets', 'the parcel is late') = ai_predict('tickets', 'the parcel is late', '{"scores":true}');
SELECT ai_predict_proba('tickets', NULL) IS NULL, ai_predict_proba('tickets', ' ') IS NULL;
SELECT ai_predict_proba('missing', 'x');
SELECT ai_predict_proba('tickets');
