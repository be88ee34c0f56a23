-- Leases changed rows of a column that nobody is at, or whose worker let the lease run out.
CREATE OR REPLACE FUNCTION sibyl.lease_changes(
  column_id bigint, worker text, lease interval, token uuid, most_rows integer, OUT number integer, OUT keys text[]
)
LANGUAGE plpgsql VOLATILE
AS $sibyl$
-- Part of Sibyl.
DECLARE
  most_attempts CONSTANT integer := 20;
  given_up text[];
BEGIN
  WITH wanted AS (
    SELECT n.key FROM sibyl.column_change AS n
    WHERE n.ai_column = column_id AND (n.lease_until IS NULL OR n.lease_until < clock_timestamp())
    LIMIT most_rows FOR UPDATE SKIP LOCKED
  ), leased AS (
    UPDATE sibyl.column_change AS n SET lease = token, lease_until = clock_timestamp() + lease_changes.lease,
      worker = lease_changes.worker, attempts = n.attempts + 1
    FROM wanted WHERE n.ai_column = column_id AND n.key = wanted.key
    RETURNING n.key, n.attempts
  )
  SELECT array_agg(l.key) FILTER (WHERE l.attempts <= most_attempts),
    array_agg(l.key) FILTER (WHERE l.attempts > most_attempts)
  INTO keys, given_up FROM leased AS l;
  IF given_up IS NOT NULL THEN
    PERFORM sibyl.finish_changes(column_id, token, NULL, given_up, '{}', '{}', given_up,
      array_fill(format('given up after %s attempts', most_attempts), ARRAY[cardinality(given_up)]));
  END IF;
END
$sibyl$;
