-- Makes a lease last longer. Notes that somebody else has locked are left out: they are about to be taken away, and a
-- worker that waits for one while it holds others is a deadlock, which could end a user's INSERT.
-- Returns whether the work is still wanted of this worker: false where another one has it now, or nobody wants it.
CREATE OR REPLACE FUNCTION sibyl.renew_work(id bigint, number integer, token uuid, keys text[]) RETURNS boolean
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $sibyl$
-- Part of Sibyl.
BEGIN
  IF renew_work.number IS NULL THEN
    WITH held AS (
      SELECT n.key FROM sibyl.column_change AS n
      WHERE n.ai_column = renew_work.id AND n.key = ANY (renew_work.keys) AND n.lease = token FOR UPDATE SKIP LOCKED
    )
    UPDATE sibyl.column_change AS n SET lease_until = clock_timestamp() + c.lease
    FROM held, sibyl.ai_column AS c
    WHERE c.id = renew_work.id AND n.ai_column = c.id AND n.key = held.key;
  ELSE
    UPDATE sibyl.job_chunk AS c SET lease_until = clock_timestamp() + j.lease
    FROM sibyl.job AS j
    WHERE j.id = renew_work.id AND j.state IN ('running', 'paused') AND c.job = j.id AND c.number = renew_work.number
      AND c.lease = token;
  END IF;
  RETURN FOUND;
END
$sibyl$;
