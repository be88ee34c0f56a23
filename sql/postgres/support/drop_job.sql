-- Forgets a job. Its target stays, with what is written.
CREATE OR REPLACE FUNCTION sibyl.drop_job(name text) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $sibyl$
-- Part of Sibyl.
DECLARE
  dropped CONSTANT bigint := (SELECT j.id FROM sibyl.job AS j WHERE j.name = drop_job.name);
BEGIN
  -- In the order in which workers lock: first the chunks, then the job.
  DELETE FROM sibyl.job_chunk AS c WHERE c.job = dropped;
  PERFORM sibyl.job_named('drop_job', name);
  DELETE FROM sibyl.job AS j WHERE j.id = dropped;
END
$sibyl$;
