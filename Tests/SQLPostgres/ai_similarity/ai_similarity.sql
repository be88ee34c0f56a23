SELECT round(ai_similarity('a red car', 'a red car')::numeric, 4), pg_typeof(ai_similarity('a', 'b'));
SELECT ai_similarity('refund', 'money') = ai_similarity('money', 'refund');
-- Text and embeddings, on either side.
SELECT abs(ai_similarity('a red car', ai_embed('a blue car')) - ai_similarity('a red car', 'a blue car')) < 1e-6, ai_similarity(ai_embed('a'), 'b') = ai_similarity('a', ai_embed('b'));
SELECT ai_similarity(ARRAY[1, 0]::real[], ARRAY[1, 0]::real[]), ai_similarity('{1,0}'::real[], '{-1,0}'::real[]), ai_similarity('{1,0}'::real[], '{0,1}'::real[]);
-- A text that looks like an embedding is a text.
SELECT ai_similarity('{1,0}', '{1,0}') > 0.99, ai_similarity('{1,0}', '{0,1}') <> 0;
-- Many texts against one.
SELECT ai_similarity(ARRAY['a', NULL, 'b', ''], 'a') = ARRAY[ai_similarity('a', 'a'), NULL, ai_similarity('b', 'a'), NULL];
SELECT ai_similarity(ARRAY['a', 'b'], ai_embed('a')) = ARRAY[ai_similarity('a', ai_embed('a')), ai_similarity('b', ai_embed('a'))];
-- What has no direction or no meaning has no similarity.
SELECT ai_similarity('{0,0}'::real[], '{1,0}'::real[]) IS NULL, ai_similarity('', 'a') IS NULL, ai_similarity(NULL, 'a') IS NULL;
-- Errors.
SELECT ai_similarity('{1,0}'::real[], 'a');
SELECT ai_similarity('{1,0}'::real[], '{1,0,0}'::real[]);
SELECT ai_similarity('{}'::real[], '{1}'::real[]);
SELECT ai_similarity('{1,NULL}'::real[], '{1,2}'::real[]);
SELECT ai_similarity('{NaN,1}'::real[], '{1,2}'::real[]);
SELECT ai_similarity('{1e38,Infinity}'::real[], '{1,2}'::real[]);
SELECT ai_similarity('{{1,2},{3,4}}'::real[], '{1,2}'::real[]);
SELECT ai_similarity('a text', '{1,NULL}'::real[]);
SELECT ai_similarity(array_append((ai_embed('x'))[2:], NULL), 'x');
