SELECT ai_version() LIKE 'sibyl %', typeof(ai_version());
SELECT ai_version(1);
