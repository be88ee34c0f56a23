-- Columns that are kept fresh: triggers note which rows changed, workers compute what is noted.

CREATE TABLE sibyl.ai_column (
  id bigint PRIMARY KEY DEFAULT nextval('sibyl.work_number'),
  source regclass NOT NULL,
  -- The table with the answers: the same one, or one beside it.
  target regclass NOT NULL,
  column_name name NOT NULL,
  state text NOT NULL DEFAULT 'running' CHECK (state IN ('running', 'paused')),
  key_column name NOT NULL,
  key_type text NOT NULL,
  function text NOT NULL,
  arguments text[] NOT NULL,
  reading text NOT NULL,
  path text NOT NULL,
  argument_types text[] NOT NULL,
  answer_cast text NOT NULL,
  model text,
  batch_rows integer NOT NULL DEFAULT 500 CHECK (batch_rows > 0),
  lease interval NOT NULL CHECK (lease > interval '0'),
  last_error text,
  created_by name NOT NULL DEFAULT session_user,
  created timestamptz NOT NULL DEFAULT clock_timestamp(),
  UNIQUE (target, column_name)
);
COMMENT ON TABLE sibyl.ai_column IS 'What sibyl.create_column was asked for. Look at sibyl.columns instead.';

-- One row a changed row: a further change takes the note away from the worker that is at it. Without a foreign key, which would be checked at every INSERT of a user.
CREATE TABLE sibyl.column_change (
  ai_column bigint NOT NULL,
  key text NOT NULL COLLATE "C",
  noted timestamptz NOT NULL DEFAULT clock_timestamp(),
  lease uuid,
  lease_until timestamptz,
  worker text,
  attempts integer NOT NULL DEFAULT 0,
  PRIMARY KEY (ai_column, key)
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05);
COMMENT ON TABLE sibyl.column_change IS 'The rows whose answer is not up to date. Written by triggers, taken by workers.';

CREATE TABLE sibyl.column_failure (
  ai_column bigint NOT NULL REFERENCES sibyl.ai_column ON DELETE CASCADE,
  key text NOT NULL COLLATE "C",
  error text NOT NULL,
  worker text,
  failed timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (ai_column, key)
);
COMMENT ON TABLE sibyl.column_failure IS 'The rows that could not be answered. Look at sibyl.column_failures instead.';

CREATE VIEW sibyl.columns AS
SELECT c.source AS table_name, c.column_name, c.target,
  CASE WHEN p.oid IS NULL THEN 'dropped' ELSE c.state END AS state, c.function,
  changes.pending, clock_timestamp() - changes.oldest AS lag, failures.failed, changes.workers,
  coalesce(c.last_error, failures.last_error) AS last_error, c.created, c.created_by
FROM sibyl.ai_column AS c
LEFT JOIN pg_class AS p ON p.oid = c.source
CROSS JOIN LATERAL (
  SELECT count(*) AS pending, min(n.noted) AS oldest,
    count(DISTINCT n.worker) FILTER (WHERE n.lease_until > clock_timestamp()) AS workers
  FROM sibyl.column_change AS n WHERE n.ai_column = c.id
) AS changes
CROSS JOIN LATERAL (
  SELECT count(*) AS failed, (array_agg(f.error ORDER BY f.failed DESC))[1] AS last_error
  FROM sibyl.column_failure AS f WHERE f.ai_column = c.id
) AS failures;
COMMENT ON VIEW sibyl.columns IS 'The columns that are kept fresh: how many rows wait, and since when.';

CREATE VIEW sibyl.column_failures AS
SELECT c.source AS table_name, c.column_name, f.key, f.error, f.failed, f.worker
FROM sibyl.column_failure AS f JOIN sibyl.ai_column AS c ON c.id = f.ai_column;
COMMENT ON VIEW sibyl.column_failures IS
  'The rows whose answer could not be computed, with the reasons. sibyl.retry_column tries them again.';
