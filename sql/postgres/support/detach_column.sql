-- Ends keeping a column fresh. The column stays, with its answers.
CREATE OR REPLACE FUNCTION sibyl.detach_column(
  table_name text, column_name text, path text DEFAULT current_setting('search_path')
) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $sibyl$
-- Part of Sibyl.
DECLARE
  it CONSTANT sibyl.ai_column := sibyl.column_named('detach_column', table_name, column_name, path);
BEGIN
  PERFORM sibyl.drop_triggers(it.id);
  DELETE FROM sibyl.column_change AS n WHERE n.ai_column = it.id;
  DELETE FROM sibyl.ai_column AS c WHERE c.id = it.id;
END
$sibyl$;
