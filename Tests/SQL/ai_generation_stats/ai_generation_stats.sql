SELECT json_type(ai_generation_stats());
SELECT ai_generate('Name a colour.', '{"max_tokens":4}') IS NOT NULL;
SELECT key, json_extract(value, '$.read_tokens') > 10, json_extract(value, '$.prefix_tokens'), json_extract(value, '$.shared_tokens'), json_extract(value, '$.written_tokens') BETWEEN 1 AND 4, json_extract(value, '$.steps') BETWEEN 1 AND 4, json_extract(value, '$.weight_bytes') > 1000000 FROM json_each(ai_generation_stats());
SELECT ai_generation_stats(1);
CREATE VIEW v AS SELECT ai_generation_stats();
SELECT * FROM v;
