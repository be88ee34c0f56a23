-- Which of some keys the table of a column has, looked up under the path of whoever asked for the column.
CREATE OR REPLACE FUNCTION sibyl.present_keys(it sibyl.ai_column, keys text[], locking text) RETURNS text[]
LANGUAGE plpgsql VOLATILE
AS $sibyl$
-- Part of Sibyl.
DECLARE
  statement CONSTANT text := format(
    'SELECT pg_catalog.array_agg(one.key) FROM (SELECT source.%I::pg_catalog.text AS key FROM %s AS source '
    'WHERE source.%I = ANY ($1::pg_catalog.text[]::%s[]) %s) AS one',
    it.key_column, it.source, it.key_column, it.key_type, locking);
  present text[];
BEGIN
  PERFORM set_config('search_path', it.path, true);
  EXECUTE statement INTO present USING keys;
  PERFORM pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true);
  RETURN coalesce(present, '{}');
END
$sibyl$;
