-- What came with a database file must not send its data anywhere.
CREATE TABLE notes(body TEXT);
INSERT INTO notes VALUES ('secret');
CREATE VIEW leaking AS SELECT ai_generate(body, '{"model":"gpt"}') AS answer FROM notes;
SELECT * FROM leaking;
CREATE TRIGGER leak AFTER INSERT ON notes BEGIN SELECT ai_embed(NEW.body, 'vectors'); END;
INSERT INTO notes VALUES ('another secret');
DROP TRIGGER leak;
CREATE TABLE generated(body TEXT, answer TEXT AS (ai_generate(body, '{"model":"gpt"}')));
CREATE VIEW grouped AS SELECT ai_agg(body, 'Repeat it', '{"model":"gpt"}') FROM notes;
SELECT * FROM grouped;
-- Forms that name no model are for views too, and so ask no server.
SELECT ai_config('generation_model', 'gpt');
CREATE VIEW silent AS SELECT ai_generate(body) AS answer FROM notes;
SELECT * FROM silent;
SELECT ai_generate('hello');
-- Wrong models for what is asked.
SELECT ai_embed('text', 'gpt');
SELECT ai_generate('text', '{"model":"vectors"}');
SELECT ai_count_tokens('text', 'vectors');
SELECT ai_generate('fail: 401', '{"model":"gpt"}');
SELECT ai_generate('fail: 400', '{"model":"gpt"}');
SELECT ai_generate('fail: 400', '{"model":"gpt","on_error":"null"}') IS NULL;
SELECT ai_extract('fail: text', '["name"]', '{"model":"gpt"}');
