SELECT ai_version() ~ '^sibyl \d+\.\d+\.\d+ \(engine ', ai_version() LIKE 'sibyl ' || version || ' %' FROM sibyl.status;
SELECT ai_version('x');
