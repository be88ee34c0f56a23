-- The form of the answer is certain; its truth is the model's.
SELECT json_valid(ai_extract('Anna Berg from Oslo paid 40 euros.', '["name","city"]'));
SELECT group_concat(key) FROM json_each(ai_extract('Anna Berg from Oslo paid 40 euros.', '["name","city"]'));
SELECT key, type IN ('integer', 'real', 'null') FROM json_each(ai_extract('Anna Berg from Oslo paid 40 euros.', '{"amount":"number"}'));
SELECT json_extract(ai_extract('The shirt is too small', '{"size":["S","M","L"]}'), '$.size') IS NULL OR json_extract(ai_extract('The shirt is too small', '{"size":["S","M","L"]}'), '$.size') IN ('S', 'M', 'L');
SELECT json_type(ai_extract('Call me soon', '{"type":"object","properties":{"urgent":{"type":"boolean"}},"required":["urgent"]}'), '$.urgent') IN ('true', 'false');
SELECT json_type(ai_extract('red and blue', '{"colours":["string"]}'), '$.colours');
SELECT ai_extract(NULL, '["a"]') IS NULL, ai_extract('', '["a"]') IS NULL;
SELECT ai_extract('x', '{"type":"object","properties":{"a":{"type":"string","minLength":5,"maxLength":2}}}');
SELECT ai_extract('x', '{"a":"colour"}');
SELECT ai_extract('x', '[]');
SELECT ai_extract('x', 'name');
SELECT ai_extract('x', '["a"]', '{"max_tokens":2}');
SELECT ai_extract('x');
