-- Writes what a worker has computed and ends its lease, in one transaction.
-- Returns false, and writes nothing, where the work is not this worker's any more.
CREATE OR REPLACE FUNCTION sibyl.finish_work(
  id bigint, number integer, token uuid, model text, leased text[], keys text[], answers text[], failed_keys text[],
  errors text[]
) RETURNS boolean
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
SET datestyle = 'ISO'
SET intervalstyle = 'postgres'
AS $sibyl$
-- Part of Sibyl.
BEGIN
  IF number IS NULL THEN
    RETURN sibyl.finish_changes(id, token, model, leased, keys, answers, failed_keys, errors);
  END IF;
  RETURN sibyl.finish_chunk(id, number, token, model, keys, answers, failed_keys, errors);
END
$sibyl$;
