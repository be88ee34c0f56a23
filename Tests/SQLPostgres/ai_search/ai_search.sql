-- Only SQLite has it, and the list of functions says so.
SELECT count(*) FROM pg_proc WHERE proname = 'ai_search';
SELECT summary LIKE '%in SQLite only.' AND details LIKE '%pgvector%' FROM ai_functions() WHERE name = 'ai_search';
