SELECT count(*) FROM ai_classifiers();
SELECT json_extract(ai_train('tickets', 'SELECT * FROM (VALUES
  (''I was charged twice'', ''billing''), (''Where is my invoice?'', ''billing''), (''My payment was declined'', ''billing''), (''You billed me for a cancelled order'', ''billing''),
  (''The parcel came two weeks late'', ''shipping''), (''My package never arrived'', ''shipping''), (''The courier left it in the rain'', ''shipping''), (''Delivered to the wrong address'', ''shipping''))'), '$.classes');
SELECT name, method, classes, rows, accuracy > 0.5, macro_f1 > 0.5, labels, model, created > '2025-01-01', length(digest), state FROM ai_classifiers();
SELECT json_extract(report, '$.rows') FROM ai_classifiers();
-- One of another encoder.
INSERT INTO sibyl_classifiers SELECT 'other', method, 'othermodel', replace(encoder, '5', '6'), labels, report, created, digest, weights FROM sibyl_classifiers;
SELECT name, state = 'ready', state LIKE 'the classifier "other" was trained with another encoder than those installed: othermodel, %' FROM ai_classifiers();
-- What the table may hold besides.
INSERT INTO sibyl_classifiers VALUES ('nonsense', 'x', 'y', 'z', '{}', 'not JSON', '', '', '');
SELECT name, classes, rows IS NULL, accuracy IS NULL, labels FROM ai_classifiers() WHERE name = 'nonsense';
DELETE FROM sibyl_classifiers WHERE name <> 'tickets';
SELECT name FROM ai_classifiers();
-- Those of an attached database are not this one's.
ATTACH ':memory:' AS other;
CREATE TABLE other.sibyl_classifiers AS SELECT * FROM main.sibyl_classifiers;
DROP TABLE main.sibyl_classifiers;
SELECT count(*) FROM ai_classifiers();
