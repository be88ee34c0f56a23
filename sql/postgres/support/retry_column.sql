-- Queues the rows of a column again that failed, and goes on with one that was paused because of an error, with
-- whatever model is there now.
CREATE OR REPLACE FUNCTION sibyl.retry_column(
  table_name text, column_name text, path text DEFAULT current_setting('search_path')
) RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $sibyl$
-- Part of Sibyl.
DECLARE
  it CONSTANT sibyl.ai_column := sibyl.column_named('retry_column', table_name, column_name, path);
  queued bigint;
BEGIN
  WITH gone AS (DELETE FROM sibyl.column_failure AS f WHERE f.ai_column = it.id RETURNING f.key)
  INSERT INTO sibyl.column_change AS n (ai_column, key) SELECT it.id, gone.key FROM gone
  ON CONFLICT (ai_column, key) DO UPDATE SET noted = clock_timestamp(), lease = NULL, lease_until = NULL, attempts = 0;
  GET DIAGNOSTICS queued = ROW_COUNT;
  UPDATE sibyl.ai_column AS c SET state = 'running', last_error = NULL, model = NULL WHERE c.id = it.id;
  PERFORM pg_notify('sibyl_work', '');
  RETURN queued;
END
$sibyl$;
