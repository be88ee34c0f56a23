SELECT name, signature, kind FROM ai_functions() ORDER BY name;
SELECT count(*) FROM ai_functions WHERE summary IS NULL OR summary = '' OR returns = '';
