-- Runs a query and sends its rows to the bridge, for a call that is about them.
--
-- Runs with the rights and the search_path of whoever calls it, for the sake of the query. Nothing else here may
-- depend on that path: operators and functions are named with their schema. In collecting mode the query runs for the
-- calls that it makes itself.
CREATE OR REPLACE FUNCTION sibyl.send_rows(function_name text, argument text, query text) RETURNS uuid
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
AS $sibyl$
-- Part of Sibyl.
DECLARE
  upload CONSTANT pg_catalog.uuid := pg_catalog.gen_random_uuid();
  is_collecting CONSTANT boolean :=
    (pg_catalog.current_setting('sibyl.collect', true) OPERATOR(pg_catalog.=) 'on') IS TRUE;
  most_rows CONSTANT integer := 2000;
  most_bytes CONSTANT integer := 1048576;
  found record;
  batch pg_catalog.text[] := '{}';
  batch_bytes integer := 0;
  is_first boolean := true;
  message pg_catalog.text;
BEGIN
  BEGIN
    FOR found IN EXECUTE pg_catalog.concat(
      'SELECT (SELECT pg_catalog.json_agg(cell.value ORDER BY cell.place) ',
      'FROM pg_catalog.json_each(pg_catalog.row_to_json(sibyl_row)) WITH ORDINALITY AS cell (key, value, place)',
      ')::pg_catalog.text AS cells FROM (',
      -- A semicolon at the end is usual; a comment there must not swallow what follows.
      pg_catalog.rtrim(query, E' \t\n\r;'), E'\n) AS sibyl_row')
    LOOP
      CONTINUE WHEN is_collecting;
      batch := pg_catalog.array_append(batch, found.cells);
      batch_bytes := batch_bytes OPERATOR(pg_catalog.+) pg_catalog.octet_length(found.cells);
      IF pg_catalog.cardinality(batch) OPERATOR(pg_catalog.>=) most_rows
        OR batch_bytes OPERATOR(pg_catalog.>=) most_bytes
      THEN
        PERFORM sibyl.put_part(function_name, upload, is_first,
          pg_catalog.concat('{"rows":[', pg_catalog.array_to_string(batch, ','), ']}'));
        is_first := false;
        batch := '{}';
        batch_bytes := 0;
      END IF;
    END LOOP;
  EXCEPTION
    WHEN syntax_error_or_access_rule_violation OR feature_not_supported THEN
      GET STACKED DIAGNOSTICS message = MESSAGE_TEXT;
      RAISE EXCEPTION USING
        ERRCODE = 'invalid_parameter_value',
        MESSAGE = pg_catalog.format('%s: argument %s must be one SELECT; PostgreSQL says: %s', function_name, argument,
          message);
  END;
  IF NOT is_collecting AND (is_first OR batch OPERATOR(pg_catalog.<>) '{}') THEN
    PERFORM sibyl.put_part(function_name, upload, is_first,
      pg_catalog.concat('{"rows":[', pg_catalog.array_to_string(batch, ','), ']}'));
  END IF;
  RETURN CASE WHEN NOT is_collecting THEN upload END;
END
$sibyl$;
