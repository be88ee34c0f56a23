SELECT json_valid(ai_cache_stats()), json_extract(ai_cache_stats(), '$.hits') >= 0, json_extract(ai_cache_stats(), '$.file') IS NOT NULL;
CREATE TABLE before AS SELECT json_extract(ai_cache_stats(), '$.hits') AS hits, json_extract(ai_cache_stats(), '$.misses') AS misses;
SELECT length(ai_embed('counted'));
SELECT length(ai_embed('counted'));
SELECT json_extract(ai_cache_stats(), '$.hits') - hits, json_extract(ai_cache_stats(), '$.misses') - misses FROM before;
CREATE VIEW v AS SELECT ai_cache_stats();
SELECT * FROM v;
