-- A column that is kept fresh, by its table (the one with the answers, or the one that they are about) and its name.
CREATE OR REPLACE FUNCTION sibyl.column_named(caller text, table_name text, column_name text, path text)
RETURNS sibyl.ai_column
LANGUAGE plpgsql VOLATILE
AS $sibyl$
-- Part of Sibyl.
DECLARE
  it sibyl.ai_column;
  named regclass;
BEGIN
  PERFORM set_config('search_path', path, true);
  named := pg_catalog.to_regclass(table_name);
  PERFORM pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true);
  SELECT c.* INTO it FROM sibyl.ai_column AS c
  WHERE c.column_name = column_named.column_name AND named IN (c.target, c.source)
  ORDER BY c.target = named DESC LIMIT 1 FOR UPDATE;
  IF NOT FOUND THEN
    RAISE EXCEPTION USING
      ERRCODE = 'undefined_object',
      MESSAGE = format('%s: no column %s of %s is kept fresh', caller, coalesce(quote_literal(column_name), 'NULL'),
        coalesce(quote_literal(table_name), 'NULL')),
      HINT = 'SELECT table_name, column_name FROM sibyl.columns lists them.';
  END IF;
  RETURN it;
END
$sibyl$;
