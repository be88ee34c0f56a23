-- Makes a lease last longer.
-- Returns whether the work is still wanted of this worker: false where another one has it now, or nobody wants it.
CREATE OR REPLACE FUNCTION sibyl.renew_work(id bigint, number integer, token uuid, keys text[]) RETURNS boolean
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $sibyl$
-- Part of Sibyl.
DECLARE
  held text[];
BEGIN
  IF renew_work.number IS NULL THEN
    held := sibyl.held_changes(renew_work.id, token, keys);
    UPDATE sibyl.column_change AS n SET lease_until = clock_timestamp() + c.lease
    FROM sibyl.ai_column AS c
    WHERE c.id = renew_work.id AND n.ai_column = c.id AND n.key = ANY (held);
  ELSE
    UPDATE sibyl.job_chunk AS c SET lease_until = clock_timestamp() + j.lease
    FROM sibyl.job AS j
    WHERE j.id = renew_work.id AND j.state IN ('running', 'paused') AND c.job = j.id AND c.number = renew_work.number
      AND c.lease = token;
  END IF;
  RETURN FOUND;
END
$sibyl$;
