-- Ends a job for good: once this is committed, nothing more is written. What is written stays.
CREATE OR REPLACE FUNCTION sibyl.cancel_job(name text) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $sibyl$
-- Part of Sibyl.
DECLARE
  job CONSTANT sibyl.job := sibyl.job_named('cancel_job', name);
BEGIN
  IF job.state NOT IN ('running', 'paused', 'cancelled') THEN
    RAISE EXCEPTION USING
      ERRCODE = 'object_not_in_prerequisite_state',
      MESSAGE = format('cancel_job: the job "%s" is %s already', job.name, job.state);
  END IF;
  UPDATE sibyl.job AS j SET state = 'cancelled', finished = clock_timestamp() WHERE j.id = job.id;
  RETURN 'cancelled';
END
$sibyl$;
