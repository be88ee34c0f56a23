-- NULL, empty and blank text have a defined answer.
SELECT length(ai_embed('')), length(ai_embed(' ')), ai_embed(NULL) IS NULL, ai_count_tokens('');
SELECT ai_sentiment('') IS NULL, ai_score('', 'x') IS NULL, ai_classify(' ', '["a","b"]') IS NULL;
-- Embedded NULs: the whole text counts, and the tokenizer drops control characters.
SELECT ai_embed('good' || char(0) || ' text') = ai_embed('good text');
SELECT ai_embed('good' || char(0) || ' text') = ai_embed('good');
SELECT ai_sentiment('terrible' || char(0) || ' service') = ai_sentiment('terrible service');
-- Numbers are their text; blobs are refused.
SELECT ai_count_tokens(-17), ai_count_tokens(0.1 + 0.2) = ai_count_tokens('0.3'), ai_count_tokens(9e999) = ai_count_tokens('Inf');
SELECT ai_embed(x'');
SELECT ai_count_tokens(x'ff');
SELECT ai_sentiment(zeroblob(10));
-- Text that is not UTF-8.
SELECT ai_embed(CAST(x'ff' AS TEXT));
SELECT ai_embed(CAST(x'6162c3' AS TEXT));
SELECT ai_embed(CAST(x'eda080' AS TEXT));
SELECT ai_embed(CAST(x'c080' AS TEXT));
SELECT ai_sentiment(CAST(x'61f8888080' AS TEXT));
SELECT ai_classify('x', CAST(x'5b22ff225d' AS TEXT));
-- Faulty text again, now that the call before was a good one.
SELECT length(ai_embed('good')), length(ai_embed('good'));
SELECT count(ai_embed(column1)) FROM (VALUES ('good'), (CAST(x'ff' AS TEXT)));
-- Characters beyond the basic plane, and unassigned ones.
SELECT length(ai_embed('👩‍👩‍👧 🏳️‍🌈 𝒜')), length(ai_embed(char(0x10ffff, 0xfffe, 0x378)));
