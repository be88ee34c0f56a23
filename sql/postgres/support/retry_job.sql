-- Queues the rows of a job again that failed.
CREATE OR REPLACE FUNCTION sibyl.retry_job(name text) RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $sibyl$
-- Part of Sibyl.
DECLARE
  job CONSTANT sibyl.job := sibyl.job_named('retry_job', name);
  last_number CONSTANT integer := (SELECT max(c.number) FROM sibyl.job_chunk AS c WHERE c.job = job.id);
  failed text[];
BEGIN
  IF job.state = 'cancelled' THEN
    RAISE EXCEPTION USING
      ERRCODE = 'object_not_in_prerequisite_state',
      MESSAGE = format('retry_job: the job "%s" is cancelled already', job.name),
      HINT = 'Create a new job with the same target: rows that the target has are left out.';
  END IF;
  WITH gone AS (DELETE FROM sibyl.job_failure AS f WHERE f.job = job.id RETURNING f.key)
  SELECT array_agg(gone.key) INTO failed FROM gone;
  IF failed IS NULL THEN
    RETURN 0;
  END IF;
  INSERT INTO sibyl.job_chunk (job, number, keys, rows)
  SELECT job.id, last_number + 1 + (one.place - 1) / job.chunk_rows, array_agg(one.key ORDER BY one.place), count(*)
  FROM unnest(failed) WITH ORDINALITY AS one (key, place) GROUP BY 2;
  UPDATE sibyl.job AS j SET state = CASE WHEN job.state = 'paused' THEN 'paused' ELSE 'running' END, last_error = NULL,
    finished = NULL
  WHERE j.id = job.id;
  PERFORM pg_notify('sibyl_work', '');
  RETURN cardinality(failed);
END
$sibyl$;
