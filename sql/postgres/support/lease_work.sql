-- Gives a worker something to do: a chunk of a job, or rows of a column that changed. No row where there is nothing.
--
-- Which work comes first is left to chance, so that none waits for the end of another.
CREATE OR REPLACE FUNCTION sibyl.lease_work(worker text, avoided bigint[]) RETURNS TABLE (
  id bigint, number integer, token uuid, function text, model text, argument_types text[], reading text, path text,
  keys text[], lease_seconds double precision
)
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $sibyl$
-- Part of Sibyl.
#variable_conflict use_column
DECLARE
  new_token CONSTANT uuid := gen_random_uuid();
  candidate record;
  taken record;
BEGIN
  FOR candidate IN
    SELECT w.* FROM (
      SELECT j.id, j.function, j.model, j.argument_types, j.reading, j.path, j.lease, NULL::integer AS batch_rows
      FROM sibyl.job AS j WHERE j.state = 'running' AND j.id <> ALL (avoided)
      UNION ALL
      SELECT c.id, c.function, c.model, c.argument_types, c.reading, c.path, c.lease, c.batch_rows
      FROM sibyl.ai_column AS c JOIN pg_class AS p ON p.oid = c.source
      WHERE c.state = 'running' AND c.id <> ALL (avoided)
    ) AS w
    ORDER BY random()
  LOOP
    IF candidate.batch_rows IS NULL THEN
      taken := sibyl.lease_chunk(candidate.id, worker, candidate.lease, new_token);
    ELSE
      taken := sibyl.lease_changes(candidate.id, worker, candidate.lease, new_token, candidate.batch_rows);
    END IF;
    IF cardinality(taken.keys) > 0 THEN
      RETURN QUERY SELECT candidate.id, taken.number, new_token, candidate.function, candidate.model,
        candidate.argument_types, candidate.reading, candidate.path, taken.keys,
        extract(epoch FROM candidate.lease)::double precision;
      RETURN;
    END IF;
  END LOOP;
END
$sibyl$;
