CREATE TABLE labelled(id INTEGER PRIMARY KEY, body TEXT, label TEXT);
INSERT INTO labelled(body, label) SELECT 'the parcel number ' || value || ' is late', 'shipping' FROM generate_series(1, 24);
INSERT INTO labelled(body, label) SELECT 'the invoice number ' || value || ' is wrong', 'billing' FROM generate_series(1, 24);
CREATE TABLE reports AS SELECT ai_train('tickets', 'SELECT body, label FROM labelled', '{"method":"lora","epochs":1}') AS report;
SELECT json_extract(report, '$.method', '$.rows', '$.classes', '$.steps', '$.accuracy', '$.stopped_early') FROM reports;
SELECT json_extract(report, '$.held_out') BETWEEN 4 AND 6 FROM reports;
SELECT ai_predict('tickets', 'my parcel is late'), ai_predict('tickets', 'this invoice is wrong');
SELECT name, method, classes, rows, state FROM ai_classifiers();
-- The same rows and seed give the same classifier, whatever their order; another seed gives another.
SELECT json_extract(ai_train('again', 'SELECT body, label FROM labelled ORDER BY id DESC', '{"method":"lora","epochs":1}'), '$.digest') = json_extract(report, '$.digest') FROM reports;
SELECT json_extract(ai_train('again', 'SELECT body, label FROM labelled', '{"method":"lora","epochs":1,"seed":2}'), '$.digest') = json_extract(report, '$.digest') FROM reports;
-- It is asked, corrected and reviewed as the others are.
SELECT ai_feedback('tickets', 'my parcel is late', 'billing'), ai_predict('tickets', 'my parcel is late');
SELECT count(*) FROM ai_review('tickets', 'SELECT body, id FROM labelled', 5);
-- Text that is longer than the encoder reads at once.
SELECT json_extract(ai_train('long', 'SELECT replace(hex(zeroblob(300)), ''00'', body || '' ''), label FROM labelled WHERE id % 6 = 0', '{"method":"lora","epochs":1}'), '$.rows');
-- Faults.
SELECT ai_train('x', 'SELECT body, label FROM labelled', '{"method":"lora","l2":1}');
SELECT ai_train('x', 'SELECT body, label FROM labelled', '{"epochs":1}');
SELECT ai_train('x', 'SELECT body, label FROM labelled', '{"method":"lora","epochs":0}');
SELECT ai_train('x', 'SELECT body, label FROM labelled', '{"method":"lora","learning_rate":2}');
SELECT count(*) FROM sibyl_classifiers WHERE name = 'x';
-- Its row says another method, another encoder, or is damaged.
SELECT ai_predict('again', 'x') IS NOT NULL;
UPDATE sibyl_classifiers SET method = 'head' WHERE name = 'again';
SELECT ai_predict('again', 'x');
UPDATE sibyl_classifiers SET method = 'lora', encoder = 'another' WHERE name = 'again';
SELECT ai_predict('again', 'x');
UPDATE sibyl_classifiers SET weights = substr(weights, 1, 5000) WHERE name = 'tickets';
SELECT ai_predict('tickets', 'x');
