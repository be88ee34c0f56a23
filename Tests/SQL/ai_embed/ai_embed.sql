-- 384 little-endian float32 values of length 1.
SELECT typeof(ai_embed('The parcel never arrived')), length(ai_embed('The parcel never arrived'));
-- The model's name changes nothing where it is the default one.
SELECT ai_embed('The parcel never arrived') = ai_embed('The parcel never arrived', 'minilm');
SELECT ai_embed('The parcel never arrived') = ai_embed('The parcel never arrived', NULL);
SELECT ai_embed('one text') = ai_embed('another text');
-- NULL gives NULL; blank text has a vector.
SELECT ai_embed(NULL) IS NULL, ai_embed(NULL, 'minilm') IS NULL;
SELECT length(ai_embed('')), length(ai_embed('   ')), ai_embed('') = ai_embed('   ');
-- A number counts as its text.
SELECT ai_embed(42) = ai_embed('42'), ai_embed(1.5) = ai_embed('1.5'), ai_embed(1e20) = ai_embed(CAST(1e20 AS TEXT));
-- The same in a table, an index and a view.
CREATE TABLE t(id INTEGER PRIMARY KEY, body TEXT);
INSERT INTO t(body) VALUES ('a'), (NULL), ('b'), ('a');
SELECT id, length(ai_embed(body)) FROM t ORDER BY id;
CREATE INDEX embedding ON t(ai_embed(body));
CREATE VIEW v AS SELECT id, ai_embed(body) AS e FROM t;
SELECT count(DISTINCT e) FROM v;
-- Wrong calls.
SELECT ai_embed();
SELECT ai_embed('a', 'minilm', 1);
SELECT ai_embed('a', 'bge');
SELECT ai_embed('a', '../minilm');
