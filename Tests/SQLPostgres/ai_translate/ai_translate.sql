SELECT pg_typeof(ai_translate('Good morning', 'French', '{"max_tokens":12}'));
SELECT ai_translate(NULL, 'French') IS NULL, ai_translate(' ', 'French') = ' ';
SELECT ai_translate('Good morning', ' ');
