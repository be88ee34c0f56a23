SELECT typeof(ai_fix_grammar('she go to school', '{"max_tokens":12}'));
-- White space around a text stays.
SELECT substr(ai_fix_grammar('  she go to school', '{"max_tokens":12}'), 1, 2) = '  ';
SELECT ai_fix_grammar(NULL) IS NULL, ai_fix_grammar('') = '';
SELECT ai_fix_grammar('x', '{"colour":1}');
SELECT ai_fix_grammar();
