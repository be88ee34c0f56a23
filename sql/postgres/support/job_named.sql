-- A job by its name, locked.
CREATE OR REPLACE FUNCTION sibyl.job_named(caller text, name text) RETURNS sibyl.job
LANGUAGE plpgsql VOLATILE
AS $sibyl$
-- Part of Sibyl.
DECLARE
  job sibyl.job;
BEGIN
  SELECT j.* INTO job FROM sibyl.job AS j WHERE j.name = job_named.name FOR NO KEY UPDATE;
  IF NOT FOUND THEN
    RAISE EXCEPTION USING
      ERRCODE = 'undefined_object',
      MESSAGE = format('%s: there is no job %s', caller, coalesce('"' || job_named.name || '"', 'NULL')),
      HINT = 'SELECT name, state FROM sibyl.jobs lists them.';
  END IF;
  RETURN job;
END
$sibyl$;
