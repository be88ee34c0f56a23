-- No chunk is begun any more. Those under way are finished, so that nothing is computed in vain.
CREATE OR REPLACE FUNCTION sibyl.pause_job(name text) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $sibyl$
-- Part of Sibyl.
DECLARE
  job CONSTANT sibyl.job := sibyl.job_named('pause_job', name);
BEGIN
  IF job.state NOT IN ('running', 'paused') THEN
    RAISE EXCEPTION USING
      ERRCODE = 'object_not_in_prerequisite_state',
      MESSAGE = format('pause_job: the job "%s" is %s already', job.name, job.state);
  END IF;
  UPDATE sibyl.job AS j SET state = 'paused' WHERE j.id = job.id;
  RETURN 'paused';
END
$sibyl$;
