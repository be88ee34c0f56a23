-- Goes on with a job that was paused, by somebody or because of an error, with whatever model is there now.
CREATE OR REPLACE FUNCTION sibyl.resume_job(name text) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $sibyl$
-- Part of Sibyl.
DECLARE
  job CONSTANT sibyl.job := sibyl.job_named('resume_job', name);
BEGIN
  IF job.state NOT IN ('running', 'paused') THEN
    RAISE EXCEPTION USING
      ERRCODE = 'object_not_in_prerequisite_state',
      MESSAGE = format('resume_job: the job "%s" is %s already', job.name, job.state),
      HINT = 'Create a new job with the same target: rows that the target has are left out.';
  END IF;
  UPDATE sibyl.job AS j SET state = 'running', last_error = NULL, model = NULL WHERE j.id = job.id;
  PERFORM pg_notify('sibyl_work', '');
  RETURN 'running';
END
$sibyl$;
