SELECT name, kind, returns FROM ai_functions() ORDER BY name;
SELECT jsonb_typeof(examples), jsonb_array_length(examples) > 0 FROM ai_functions() WHERE name = 'ai_sentiment';
-- Every one of them is a function here, but for what says that it is not.
SELECT f.name FROM ai_functions() AS f
WHERE f.summary NOT LIKE '%; in SQLite only.' AND NOT EXISTS (SELECT FROM pg_proc WHERE proname = f.name);
