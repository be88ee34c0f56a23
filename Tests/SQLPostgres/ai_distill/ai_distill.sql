-- Only SQLite has it, and the list of functions says so.
SELECT count(*) FROM pg_proc WHERE proname = 'ai_distill';
SELECT summary LIKE '%in SQLite only.' FROM ai_functions() WHERE name = 'ai_distill';
