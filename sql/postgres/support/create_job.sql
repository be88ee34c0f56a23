-- Begins a job. Runs with the rights of whoever owns Sibyl, and so will the workers: whoever may call it may do what
-- that role may do.
CREATE OR REPLACE FUNCTION sibyl.create_job(
  name text, query text, key text, function text, arguments text[] DEFAULT NULL, target text DEFAULT NULL,
  chunk_rows integer DEFAULT 1000, lease interval DEFAULT '1 minute', path text DEFAULT current_setting('search_path')
) RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
SET datestyle = 'ISO'
SET intervalstyle = 'postgres'
SET extra_float_digits = 1
AS $sibyl$
-- Part of Sibyl.
#variable_conflict use_column
DECLARE
  source CONSTANT text := E'(\n' || rtrim(create_job.query, E' \t\n\r;') || E'\n)';
  call record;
  place record;
  job_id bigint;
  statement text;
  found_rows bigint;
  nulls bigint;
  duplicates text;
BEGIN
  IF (btrim(create_job.name) <> '') IS NOT TRUE OR create_job.query IS NULL THEN
    RAISE EXCEPTION USING
      ERRCODE = 'null_value_not_allowed',
      MESSAGE = 'create_job: name and query must be given; got NULL or nothing';
  END IF;
  IF (create_job.chunk_rows BETWEEN 1 AND 100000) IS NOT TRUE THEN
    RAISE EXCEPTION USING
      ERRCODE = 'invalid_parameter_value',
      MESSAGE = format('create_job: chunk_rows must be from 1 to 100000; got %s', coalesce(create_job.chunk_rows::text, 'NULL'));
  END IF;
  IF (create_job.lease BETWEEN '1 second' AND '1 day') IS NOT TRUE THEN
    RAISE EXCEPTION USING
      ERRCODE = 'invalid_parameter_value',
      MESSAGE = format('create_job: lease must be from one second to one day; got %s', coalesce(create_job.lease::text, 'NULL'));
  END IF;
  IF EXISTS (SELECT FROM sibyl.job AS j WHERE j.name = create_job.name) THEN
    RAISE EXCEPTION USING
      ERRCODE = 'duplicate_object',
      MESSAGE = format('create_job: there is a job "%s" already', create_job.name),
      HINT = format('Choose another name, or SELECT sibyl.drop_job(%L), which keeps its target.', create_job.name);
  END IF;
  IF create_job.key = 'result' THEN
    RAISE EXCEPTION USING
      ERRCODE = 'invalid_parameter_value',
      MESSAGE = 'create_job: key must not be "result", which is the name of the target''s other column; rename it in the query';
  END IF;
  call := sibyl.describe_call('create_job', source, create_job.key, create_job.function, create_job.arguments,
    create_job.path);
  place := sibyl.require_target('create_job', coalesce(create_job.target, quote_ident(create_job.name)), create_job.path,
    create_job.key, call.key_type, 'result', call.answer_type);
  INSERT INTO sibyl.job (name, query, key_column, key_type, function, arguments, reading, path, argument_types, target,
    answer_cast, chunk_rows, lease)
  VALUES (create_job.name, create_job.query, create_job.key, call.key_type, create_job.function, call.arguments,
    call.reading, create_job.path, call.argument_types, place.relation, call.answer_cast, create_job.chunk_rows,
    create_job.lease)
  RETURNING id INTO job_id;

  -- Rows that the target has are done. Everything around the query is named with its schema, since the path of whoever
  -- calls counts for the query.
  statement := format(
    'INSERT INTO sibyl.job_chunk (job, number, keys, rows) '
    'SELECT %s, (found.place OPERATOR(pg_catalog.-) 1) OPERATOR(pg_catalog./) %s OPERATOR(pg_catalog.+) 1, '
    'pg_catalog.array_agg(found.key ORDER BY found.place), pg_catalog.count(*) '
    'FROM (SELECT source.%I::pg_catalog.text AS key, pg_catalog.row_number() OVER () AS place FROM %s AS source%s) AS found '
    'GROUP BY 2',
    job_id, create_job.chunk_rows, create_job.key, source,
    CASE WHEN place.is_new THEN '' ELSE format(' WHERE NOT EXISTS (SELECT FROM %s AS known WHERE known.%I = source.%I)',
      place.relation, create_job.key, create_job.key) END);
  PERFORM set_config('search_path', create_job.path, true);
  EXECUTE statement;
  PERFORM pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true);
  SELECT count(*), count(*) FILTER (WHERE one.key IS NULL) INTO found_rows, nulls
  FROM sibyl.job_chunk AS c, unnest(c.keys) AS one (key) WHERE c.job = job_id;
  IF nulls > 0 THEN
    RAISE EXCEPTION USING
      ERRCODE = 'null_value_not_allowed',
      MESSAGE = format('create_job: key must have a value in every row of the query; "%s" is NULL in %s of %s',
        create_job.key, nulls, found_rows);
  END IF;
  SELECT string_agg(several.key, ', ') INTO duplicates
  FROM (
    SELECT one.key FROM sibyl.job_chunk AS c, unnest(c.keys) AS one (key) WHERE c.job = job_id
    GROUP BY one.key HAVING count(*) > 1 ORDER BY one.key LIMIT 3
  ) AS several;
  IF duplicates IS NOT NULL THEN
    RAISE EXCEPTION USING
      ERRCODE = 'unique_violation',
      MESSAGE = format('create_job: key must be different in every row of the query; "%s" has some values more than once: %s',
        create_job.key, duplicates);
  END IF;
  UPDATE sibyl.job AS j SET rows = found_rows,
    state = CASE WHEN found_rows = 0 THEN 'finished' ELSE j.state END,
    finished = CASE WHEN found_rows = 0 THEN clock_timestamp() END
  WHERE j.id = job_id;
  PERFORM pg_notify('sibyl_work', '');
  RETURN found_rows;
END
$sibyl$;
