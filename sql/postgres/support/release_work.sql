-- Gives work back that was not done. An error is kept for sibyl.jobs and sibyl.columns; one that every worker would
-- meet pauses the work. An attempt counts that the work itself may be to blame for: after many, its rows are given up.
CREATE OR REPLACE FUNCTION sibyl.release_work(
  id bigint, number integer, token uuid, keys text[], error text, pauses boolean, counts boolean
) RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $sibyl$
-- Part of Sibyl.
DECLARE
  held text[];
BEGIN
  IF release_work.number IS NULL THEN
    -- In the order of refresh_column.
    IF error IS NOT NULL THEN
      PERFORM FROM sibyl.ai_column AS c WHERE c.id = release_work.id FOR NO KEY UPDATE;
    END IF;
    held := sibyl.held_changes(release_work.id, token, keys);
    UPDATE sibyl.column_change AS n SET lease = NULL, lease_until = NULL,
      attempts = n.attempts - CASE WHEN counts THEN 0 ELSE 1 END
    WHERE n.ai_column = release_work.id AND n.key = ANY (held);
    IF FOUND AND error IS NOT NULL THEN
      UPDATE sibyl.ai_column AS c SET last_error = error,
        state = CASE WHEN pauses THEN 'paused' ELSE c.state END
      WHERE c.id = release_work.id;
    END IF;
    RETURN;
  END IF;
  UPDATE sibyl.job_chunk AS c SET state = 'waiting', lease = NULL, lease_until = NULL, last_error = error,
    attempts = c.attempts - CASE WHEN counts THEN 0 ELSE 1 END
  WHERE c.job = release_work.id AND c.number = release_work.number AND c.lease = token;
  IF FOUND AND pauses THEN
    UPDATE sibyl.job AS j SET state = 'paused', last_error = error WHERE j.id = release_work.id AND j.state = 'running';
  END IF;
END
$sibyl$;
