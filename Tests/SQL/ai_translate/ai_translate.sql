SELECT typeof(ai_translate('Good morning', 'French', '{"max_tokens":12}'));
SELECT ai_translate(NULL, 'French') IS NULL, ai_translate('x', NULL) IS NULL, ai_translate(' ', 'French') = ' ';
SELECT ai_translate('Good morning', ' ');
SELECT ai_translate('Good morning', 'French', '{"colour":1}');
SELECT ai_translate('Good morning');
