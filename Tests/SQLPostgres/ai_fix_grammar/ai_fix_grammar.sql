SELECT pg_typeof(ai_fix_grammar('she go to school', '{"max_tokens":12}'));
SELECT ai_fix_grammar(NULL) IS NULL, ai_fix_grammar('') = '';
SELECT ai_fix_grammar('x', '{"colour":1}');
