-- All rows of a table are gone: nothing has to be computed any more, and answers beside it go, too.
CREATE OR REPLACE FUNCTION sibyl.note_truncation(column_id bigint) RETURNS void
LANGUAGE plpgsql VOLATILE
AS $sibyl$
-- Part of Sibyl.
DECLARE
  it sibyl.ai_column;
BEGIN
  SELECT c.* INTO it FROM sibyl.ai_column AS c WHERE c.id = column_id;
  IF it.target <> it.source AND EXISTS (SELECT FROM pg_class AS p WHERE p.oid = it.target) THEN
    EXECUTE format('DELETE FROM %s', it.target);
  END IF;
  DELETE FROM sibyl.column_change AS n WHERE n.ai_column = column_id;
  DELETE FROM sibyl.column_failure AS f WHERE f.ai_column = column_id;
END
$sibyl$;
