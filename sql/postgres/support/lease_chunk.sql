-- Leases a chunk of a job that nobody is at, or whose worker let the lease run out. Time is the database's.
CREATE OR REPLACE FUNCTION sibyl.lease_chunk(
  job_id bigint, worker text, lease interval, token uuid, OUT number integer, OUT keys text[]
)
LANGUAGE plpgsql VOLATILE
AS $sibyl$
-- Part of Sibyl.
DECLARE
  -- A chunk that ended so many workers, or was given back so often, is not worth another one.
  most_attempts CONSTANT integer := 20;
  chunk sibyl.job_chunk;
BEGIN
  LOOP
    SELECT c.* INTO chunk FROM sibyl.job_chunk AS c
    WHERE c.job = job_id AND c.state <> 'finished' AND (c.state = 'waiting' OR c.lease_until < clock_timestamp())
    -- Those that went wrong come last, so that they do not keep others waiting.
    ORDER BY c.last_error IS NOT NULL, c.number LIMIT 1 FOR UPDATE SKIP LOCKED;
    IF NOT FOUND THEN
      RETURN;
    END IF;
    UPDATE sibyl.job_chunk AS c SET state = 'leased', lease = token, lease_until = clock_timestamp() + lease_chunk.lease,
      worker = lease_chunk.worker, attempts = c.attempts + 1, started = clock_timestamp()
    WHERE c.job = job_id AND c.number = chunk.number;
    UPDATE sibyl.job AS j SET started = clock_timestamp() WHERE j.id = job_id AND j.started IS NULL;
    EXIT WHEN chunk.attempts < most_attempts;
    PERFORM sibyl.finish_chunk(job_id, chunk.number, token, NULL, '{}', '{}', chunk.keys, array_fill(
      format('given up after %s attempts: %s', chunk.attempts,
        coalesce(chunk.last_error, 'the worker ended each time, the last one was ' || chunk.worker)),
      ARRAY[cardinality(chunk.keys)]));
  END LOOP;
  number := chunk.number;
  keys := chunk.keys;
END
$sibyl$;
