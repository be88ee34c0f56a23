-- Work that outlives a session: jobs, their chunks, and what failed. Processes of any number share it; a chunk belongs
-- to whoever holds its lease.

-- Jobs and columns are told apart by their number alone.
CREATE SEQUENCE sibyl.work_number;

CREATE TABLE sibyl.job (
  id bigint PRIMARY KEY DEFAULT nextval('sibyl.work_number'),
  name text NOT NULL UNIQUE,
  state text NOT NULL DEFAULT 'running' CHECK (state IN ('running', 'paused', 'cancelled', 'finished')),
  query text NOT NULL,
  key_column name NOT NULL,
  key_type text NOT NULL,
  function text NOT NULL,
  arguments text[] NOT NULL,
  -- The query that reads the rows with some keys, the path under which it runs, and what its columns hold.
  reading text NOT NULL,
  path text NOT NULL,
  argument_types text[] NOT NULL,
  target regclass NOT NULL,
  -- What turns an answer's text into the target's type.
  answer_cast text NOT NULL,
  -- Which model answered the first rows: the others must come from the same.
  model text,
  rows bigint NOT NULL DEFAULT 0,
  chunk_rows integer NOT NULL CHECK (chunk_rows > 0),
  lease interval NOT NULL CHECK (lease > interval '0'),
  last_error text,
  created_by name NOT NULL DEFAULT session_user,
  created timestamptz NOT NULL DEFAULT clock_timestamp(),
  started timestamptz,
  finished timestamptz
);
COMMENT ON TABLE sibyl.job IS 'What sibyl.create_job was asked for. Look at sibyl.jobs instead.';

CREATE TABLE sibyl.job_chunk (
  job bigint NOT NULL REFERENCES sibyl.job ON DELETE CASCADE,
  number integer NOT NULL,
  state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'leased', 'finished')),
  -- The texts of the rows' keys, until the chunk is finished.
  keys text[],
  rows integer NOT NULL,
  lease uuid,
  lease_until timestamptz,
  worker text,
  attempts integer NOT NULL DEFAULT 0,
  last_error text,
  -- How many rows were written, and how many were not there any more.
  written integer NOT NULL DEFAULT 0,
  skipped integer NOT NULL DEFAULT 0,
  started timestamptz,
  finished timestamptz,
  PRIMARY KEY (job, number)
) WITH (fillfactor = 80);
CREATE INDEX job_chunk_open ON sibyl.job_chunk (job, number) WHERE state <> 'finished';
COMMENT ON TABLE sibyl.job_chunk IS
  'The parts of jobs. A worker leases one, computes it, and writes its results and its end in one transaction.';

CREATE TABLE sibyl.job_failure (
  job bigint NOT NULL REFERENCES sibyl.job ON DELETE CASCADE,
  key text NOT NULL COLLATE "C",
  error text NOT NULL,
  worker text,
  failed timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (job, key)
);
COMMENT ON TABLE sibyl.job_failure IS 'The rows of jobs that failed. Look at sibyl.job_failures instead.';

CREATE VIEW sibyl.jobs AS
SELECT j.name, j.state, j.rows, chunks.done, failures.failed,
  CASE WHEN j.rows = 0 THEN 100.0
    ELSE round(100.0 * (chunks.done + chunks.skipped + failures.failed) / j.rows, 1) END AS percentage,
  round(recent.rate::numeric, 1) AS rows_per_second,
  CASE WHEN j.state = 'running' AND chunks.workers > 0 AND recent.rate > 0 THEN
    make_interval(secs => round(
      (j.rows - chunks.done - chunks.skipped - failures.failed) / recent.rate::numeric)::double precision)
  END AS time_left,
  chunks.workers, chunks.skipped, j.created, j.started, j.finished,
  coalesce(j.last_error, chunks.last_error, failures.last_error) AS last_error,
  j.function, j.query, j.target, j.created_by
FROM sibyl.job AS j
CROSS JOIN LATERAL (
  SELECT coalesce(sum(c.written), 0)::bigint AS done, coalesce(sum(c.skipped), 0)::bigint AS skipped,
    count(DISTINCT c.worker) FILTER (WHERE c.state = 'leased' AND c.lease_until > clock_timestamp()) AS workers,
    max(c.finished) AS finished, max(c.last_error) FILTER (WHERE c.state <> 'finished') AS last_error
  FROM sibyl.job_chunk AS c WHERE c.job = j.id
) AS chunks
CROSS JOIN LATERAL (
  SELECT count(*) AS failed, (array_agg(f.error ORDER BY f.failed DESC))[1] AS last_error
  FROM sibyl.job_failure AS f WHERE f.job = j.id
) AS failures
CROSS JOIN LATERAL (
  -- Chunks that ended within a minute of the last one.
  SELECT sum(c.written) / nullif(extract(epoch FROM max(c.finished) - min(c.started)), 0) AS rate
  FROM sibyl.job_chunk AS c
  WHERE c.job = j.id AND c.state = 'finished' AND c.finished > chunks.finished - interval '1 minute'
) AS recent;
COMMENT ON VIEW sibyl.jobs IS 'How far each job is, how fast, and what is wrong with it.';

CREATE VIEW sibyl.job_failures AS
SELECT j.name AS job, f.key, f.error, f.failed, f.worker
FROM sibyl.job_failure AS f JOIN sibyl.job AS j ON j.id = f.job;
COMMENT ON VIEW sibyl.job_failures IS 'The rows of jobs that failed, with the reasons. sibyl.retry_job tries them again.';
