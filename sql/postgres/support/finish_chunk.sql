CREATE OR REPLACE FUNCTION sibyl.finish_chunk(
  job_id bigint, chunk_number integer, token uuid, model text, keys text[], answers text[], failed_keys text[],
  errors text[]
) RETURNS boolean
LANGUAGE plpgsql VOLATILE
AS $sibyl$
-- Part of Sibyl.
DECLARE
  chunk sibyl.job_chunk;
  job sibyl.job;
  refused record;
BEGIN
  SELECT c.* INTO chunk FROM sibyl.job_chunk AS c WHERE c.job = job_id AND c.number = chunk_number FOR UPDATE;
  IF (chunk.lease = token) IS NOT TRUE THEN
    RETURN false;
  END IF;
  SELECT j.* INTO job FROM sibyl.job AS j WHERE j.id = job_id;
  refused := sibyl.write_answers(
    format(
      'INSERT INTO %s (%I, result) SELECT one.key::%s, one.answer%s FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2)) AS one (key, answer) '
      'ON CONFLICT DO NOTHING', job.target, job.key_column, job.key_type, job.answer_cast),
    job.path, finish_chunk.keys, finish_chunk.answers);
  INSERT INTO sibyl.job_failure AS f (job, key, error, worker)
  SELECT job_id, one.key, one.error, chunk.worker
  FROM unnest(failed_keys || refused.failed_keys, finish_chunk.errors || refused.errors) AS one (key, error)
  ON CONFLICT ON CONSTRAINT job_failure_pkey
    DO UPDATE SET error = excluded.error, worker = excluded.worker, failed = excluded.failed;
  UPDATE sibyl.job_chunk AS c SET state = 'finished', keys = NULL, lease = NULL, lease_until = NULL, last_error = NULL,
    finished = clock_timestamp(), written = cardinality(finish_chunk.keys) - cardinality(refused.failed_keys),
    skipped = c.rows - cardinality(finish_chunk.keys) - cardinality(finish_chunk.failed_keys)
  WHERE c.job = job_id AND c.number = chunk_number;
  -- Not before the work is done: two that end at once must see one another, but not wait for one another's writing.
  SELECT j.* INTO job FROM sibyl.job AS j WHERE j.id = job_id FOR NO KEY UPDATE;
  IF (job.state IN ('running', 'paused')) IS NOT TRUE OR job.model <> finish_chunk.model THEN
    RAISE EXCEPTION USING ERRCODE = 'SB001', MESSAGE = 'the job was cancelled, or belongs to another model';
  END IF;
  IF NOT EXISTS (SELECT FROM sibyl.job_chunk AS c WHERE c.job = job_id AND c.state <> 'finished') THEN
    UPDATE sibyl.job AS j SET state = 'finished', finished = clock_timestamp() WHERE j.id = job_id;
  END IF;
  IF job.model IS NULL AND finish_chunk.model IS NOT NULL THEN
    UPDATE sibyl.job AS j SET model = finish_chunk.model WHERE j.id = job_id;
  END IF;
  RETURN true;
EXCEPTION
  WHEN SQLSTATE 'SB001' THEN
    RETURN false;
END
$sibyl$;
