-- Notes every row of a column's table, and every answer beside it whose row is gone.
CREATE OR REPLACE FUNCTION sibyl.queue_column(column_id bigint) RETURNS bigint
LANGUAGE plpgsql VOLATILE
AS $sibyl$
-- Part of Sibyl.
DECLARE
  it sibyl.ai_column;
  queued bigint;
BEGIN
  SELECT c.* INTO it FROM sibyl.ai_column AS c WHERE c.id = column_id;
  EXECUTE format(
    'INSERT INTO sibyl.column_change (ai_column, key) SELECT %s, one.key FROM (SELECT source.%I::text FROM %s AS source '
    'UNION SELECT answered.%I::text FROM %s AS answered) AS one (key) '
    'ON CONFLICT (ai_column, key) DO UPDATE SET noted = clock_timestamp(), lease = NULL, lease_until = NULL, attempts = 0',
    column_id, it.key_column, it.source, it.key_column, it.target);
  GET DIAGNOSTICS queued = ROW_COUNT;
  RETURN queued;
END
$sibyl$;
