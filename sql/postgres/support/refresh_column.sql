-- Queues every row of a column: after another model was chosen, or after a table was changed behind its triggers' back.
CREATE OR REPLACE FUNCTION sibyl.refresh_column(
  table_name text, column_name text, path text DEFAULT current_setting('search_path')
) RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
SET datestyle = 'ISO'
SET intervalstyle = 'postgres'
SET extra_float_digits = 1
AS $sibyl$
-- Part of Sibyl.
DECLARE
  it CONSTANT sibyl.ai_column := sibyl.column_named('refresh_column', table_name, column_name, path);
  queued bigint;
BEGIN
  DELETE FROM sibyl.column_failure AS f WHERE f.ai_column = it.id;
  -- Whoever writes at this moment ends before: two who note rows in different orders are a deadlock.
  EXECUTE format('LOCK TABLE %s IN SHARE ROW EXCLUSIVE MODE', it.source);
  queued := sibyl.queue_column(it.id);
  UPDATE sibyl.ai_column AS c SET state = 'running', last_error = NULL, model = NULL WHERE c.id = it.id;
  PERFORM pg_notify('sibyl_work', '');
  RETURN queued;
END
$sibyl$;
