-- Runs with the rights and the search_path of whoever calls it, for the sake of the query. Nothing else here may
-- depend on that path: operators and functions are named with their schema.
CREATE OR REPLACE FUNCTION {schema}.ai_prefetch(
  query text, function text, VARIADIC arguments text[] DEFAULT '{}'
) RETURNS jsonb
LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE COST 1000
AS $sibyl$
-- Part of Sibyl.
DECLARE
  started CONSTANT pg_catalog.timestamptz := pg_catalog.clock_timestamp();
  most_texts CONSTANT integer := 2000;
  most_bytes CONSTANT integer := 4194304;
  found record;
  batch pg_catalog.text[] := '{}';
  batch_bytes integer := 0;
  calls bigint := 0;
  distinct_texts bigint := 0;
  computed bigint := 0;
BEGIN
  -- A wrong name or a wrong argument is told before the query runs.
  computed := sibyl.prefetch_batch($2, '{}', $3);
  FOR found IN EXECUTE pg_catalog.concat(
    'SELECT wanted.argument, pg_catalog.count(*) AS calls FROM (',
    'SELECT given.argument::pg_catalog.text COLLATE pg_catalog."C" AS argument FROM (',
    -- A semicolon at the end is usual; a comment there must not swallow what follows.
    pg_catalog.rtrim($1, E' \t\n\r;'), E'\n) AS given (argument)) AS wanted GROUP BY wanted.argument')
  LOOP
    calls := calls OPERATOR(pg_catalog.+) found.calls;
    CONTINUE WHEN found.argument IS NULL;
    distinct_texts := distinct_texts OPERATOR(pg_catalog.+) 1;
    batch := pg_catalog.array_append(batch, found.argument);
    batch_bytes := batch_bytes OPERATOR(pg_catalog.+) pg_catalog.octet_length(found.argument);
    IF pg_catalog.cardinality(batch) OPERATOR(pg_catalog.>=) most_texts
      OR batch_bytes OPERATOR(pg_catalog.>=) most_bytes
    THEN
      computed := computed OPERATOR(pg_catalog.+) sibyl.prefetch_batch($2, batch, $3);
      batch := '{}';
      batch_bytes := 0;
    END IF;
  END LOOP;
  computed := computed OPERATOR(pg_catalog.+) sibyl.prefetch_batch($2, batch, $3);
  RETURN pg_catalog.jsonb_build_object(
    'calls', calls, 'distinct', distinct_texts, 'cached', distinct_texts OPERATOR(pg_catalog.-) computed,
    'computed', computed,
    'seconds', pg_catalog.round(pg_catalog.date_part(
      'epoch', pg_catalog.clock_timestamp() OPERATOR(pg_catalog.-) started)::numeric, 3));
END
$sibyl$;
