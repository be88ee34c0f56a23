SELECT round(ai_similarity('a red car', 'a red car'), 4);
SELECT ai_similarity('refund my money', 'I want my money back') > 0.6;
SELECT ai_similarity('refund my money', 'I want my money back') > ai_similarity('refund my money', 'The weather is lovely');
SELECT ai_similarity('refund', 'money') = ai_similarity('money', 'refund');
-- Text against a stored embedding, and embeddings without any model.
SELECT abs(ai_similarity('a red car', ai_embed('a blue car')) - ai_similarity('a red car', 'a blue car')) < 1e-6;
SELECT ai_similarity(x'0000803f00000000', x'0000803f00000000'), ai_similarity(x'0000803f00000000', x'000080bf00000000'), ai_similarity(x'0000803f00000000', x'000000000000803f');
-- What has no direction or no meaning has no similarity.
SELECT ai_similarity(x'0000000000000000', x'0000803f00000000') IS NULL;
SELECT ai_similarity('', 'a') IS NULL, ai_similarity('a', '  ') IS NULL, ai_similarity(NULL, 'a') IS NULL, ai_similarity('a', NULL) IS NULL;
SELECT ai_similarity(1, 1.0) BETWEEN -1 AND 1;
-- Blobs that are no embeddings.
SELECT ai_similarity(x'00', 'a');
SELECT ai_similarity('a', x'');
SELECT ai_similarity(x'0000c07f', x'0000803f');
SELECT ai_similarity(x'0000803f', x'0000807f');
SELECT ai_similarity(x'0000803f', 'a');
SELECT ai_similarity(x'0000803f', x'0000803f00000000');
