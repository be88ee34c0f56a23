CREATE TABLE reviews(id INTEGER PRIMARY KEY, body TEXT, stars INTEGER);
INSERT INTO reviews VALUES
  (1, 'The parcel came two weeks late.', 2), (2, 'Works like a charm.', 5), (3, NULL, 3), (4, '  ', 3),
  (7, 'I waited forever for the delivery.', 1), (8, 'The colour is not the one in the picture.', 3),
  (9, 'Arrived on time and well packed.', 5), (12, 'My money was refunded at once.', 4);
SELECT r.id, r.body FROM ai_search('reviews', 'body', 'late delivery', 3) s JOIN reviews r ON r.rowid = s.rowid ORDER BY s.score DESC;
-- The score is that of ai_similarity; NULL and blank rows are never found.
SELECT count(*), sum(s.score = ai_similarity(r.body, 'late delivery')) FROM ai_search('reviews', 'body', 'late delivery') s JOIN reviews r ON r.rowid = s.rowid;
SELECT rowid, round(score, 3) FROM ai_search('reviews', 'body', 'refund', 2);
-- By an embedding, and in a column of embeddings.
ALTER TABLE reviews ADD COLUMN embedding;
UPDATE reviews SET embedding = ai_embed(body) WHERE body <> '  ';
SELECT rowid FROM ai_search('reviews', 'embedding', 'late delivery', 2);
SELECT rowid FROM ai_search('reviews', 'embedding', ai_embed('late delivery'), 2);
SELECT rowid, round(score, 4) FROM ai_search('reviews', 'body', (SELECT embedding FROM reviews WHERE id = 9), 1);
-- The table's and the column's name, as SQL has them.
CREATE TABLE "a ""table"" of notes"("the text" TEXT);
INSERT INTO "a ""table"" of notes" VALUES ('A dog.'), ('A bill.'), (42), (42.5);
SELECT rowid FROM ai_search('a "table" of notes', 'the text', 'invoice', 1);
SELECT rowid FROM ai_search('"a ""table"" of notes"', '"the text"', 'invoice', 1);
SELECT rowid FROM ai_search('main."a ""table"" of notes"', 'THE TEXT', 'invoice', 1);
SELECT rowid, round(score, 3) FROM ai_search('MAIN.[a "table" of notes]', 'the text', '42.5', 1);
-- Names that Unicode holds for equal and SQLite does not.
CREATE TABLE "É"(t); INSERT INTO "É" VALUES ('of the capital letter');
CREATE TABLE "é"(t); INSERT INTO "é" VALUES ('of the small letter'), ('and more');
CREATE TABLE "é"(t); INSERT INTO "é" VALUES ('of the letter and its accent'), ('and more'), ('and more');
SELECT (SELECT count(*) FROM ai_search('É', 't', 'x')), (SELECT count(*) FROM ai_search('é', 't', 'x')), (SELECT count(*) FROM ai_search('é', 't', 'x'));
-- Arguments from another table.
CREATE TABLE questions(q TEXT);
INSERT INTO questions VALUES ('shipping'), ('colour'), (NULL), ('');
SELECT q, r.id FROM questions JOIN ai_search('reviews', 'body', q, 1) s JOIN reviews r ON r.id = s.rowid ORDER BY q;
SELECT q, (SELECT s.rowid FROM ai_search('reviews', 'body', q, 1) s) FROM questions;
SELECT count(*) FROM ai_search('reviews', 'body', 'anything') LIMIT 1;
SELECT rowid FROM ai_search('reviews', 'body', 'colour', 5) LIMIT 1;
-- Ties come in the order of the rowids.
CREATE TABLE ties(t);
INSERT INTO ties SELECT CASE value % 3 WHEN 0 THEN 'the same' ELSE 'other ' || value END FROM generate_series(1, 30);
SELECT group_concat(rowid) FROM ai_search('ties', 't', 'the same', 10);
SELECT rowid FROM ai_search('reviews', 'body', NULL);
SELECT name, kind, returns FROM ai_functions() WHERE name = 'ai_search';
