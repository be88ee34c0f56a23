SELECT cardinality(ai_embed('The parcel never arrived')), pg_typeof(ai_embed('x')), pg_typeof(ai_embed(ARRAY['x']));
SELECT round(sqrt(sum(x ^ 2))::numeric, 5) FROM unnest(ai_embed('The parcel never arrived')::float8[]) AS x;
SELECT ai_embed('x') = ai_embed('x', 'minilm'), ai_embed('x') = ai_embed('x', NULL), ai_embed('x') = ai_embed(text => 'x', model => 'minilm');
SELECT ai_embed(NULL) IS NULL, cardinality(ai_embed('')), ai_embed('') = ai_embed(' ');
-- An array of arrays; NULL is a row of NULLs.
SELECT array_dims(ai_embed(ARRAY['a', 'b', 'a'])), array_dims(ai_embed('{}'::text[])) IS NULL;
SELECT (ai_embed(ARRAY['a', 'b']))[2:2] = ARRAY[ai_embed('b')];
SELECT array_dims(ai_embed(ARRAY['a', NULL])), (ai_embed(ARRAY['a', NULL]))[2][384] IS NULL, (ai_embed(ARRAY['a', NULL]))[1][384] IS NOT NULL;
SELECT array_dims(ai_embed(ARRAY[NULL, NULL]::text[]));
-- Kept in a table and compared later.
CREATE TEMPORARY TABLE vectors AS SELECT body, ai_embed(body) AS vector FROM (VALUES ('a red car'), ('tax law')) AS v (body);
SELECT body FROM vectors ORDER BY ai_similarity(vector, 'a blue van') DESC;
-- Errors.
SELECT ai_embed('x', 'no such model');
SELECT ai_embed('x', '');
SELECT ai_embed(ARRAY[['a', 'b']]);
SELECT ai_embed(17);
